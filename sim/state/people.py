"""Tables of households and workers."""

from __future__ import annotations

import numpy as np

from sim.state.fields import MONEY, PLACE, PLAN_LENGTH
from sim.vocabulary import FirmForm

HOUSEHOLD = np.dtype(
    [
        ("key", "u8"),
        *PLACE,
        ("members", "i1"),
        ("elders", "i1"),
        ("residents", "i1"),
        ("disability", "i1"),
        ("infants", "i1"),
        ("pets", "i1"),
        ("income_fifth", "i1"),
        ("home_m2", "f4"),
        ("income_fen_per_month", "i8"),
        ("propensity", "f4"),
        ("infant_since_min", "f8"),
        ("due_min", "f8"),
        ("last_company_row", "i4"),
        ("active_placements", "i2"),
        ("engaged", "u4"),
        ("claim_row", "i4"),
        ("belief_mean", "f4", (len(FirmForm),)),
        ("belief_precision", "f4", (len(FirmForm),)),
        ("firm_mean", "f4"),
        ("firm_precision", "f4"),
        ("firm_cov", "f4"),
        ("own_rating_sum", "f4"),
        ("own_rating_count", "f4"),
        ("own_rating_mark", "f8"),
        ("news", "i1"),
        ("news_form", "i1"),
        ("news_signal", "f4"),
        ("kin_free_min", "f4"),
        ("kin_paid_min", "f4"),
        ("kin_km", "f4"),
        ("kin_care_min", "f4"),
        ("kin_service", "i2"),
        ("kin_stamp", "i4"),
        ("committed_fen", "i8"),
        ("booked_fen", "i8"),
        ("spent_fen", "i8"),
        *MONEY,
    ],
    align=True,
)
"""disability: worst degree among the elders, 0 none, 1 mild, 2 moderate, 3 severe; income_fifth 0 (poorest) to 4;
residents: elders of the household who live in an institution; ``due_min`` when a birth is due, 0 where none is;
``engaged`` a bit mask of the services for which a placement or contract is searched or runs, ``active_placements``
how many these are; ``claim_row`` the first claim that it may use, or -1. ``belief_mean`` and ``belief_precision``
by form of firm, and ``firm_mean`` and ``firm_precision`` about the firm ``last_company_row``, are what it believes
of quality, ``firm_cov`` the covariance of the latter with its form (see :mod:`sim.agents.beliefs`); its own reviews
are ``own_rating_sum`` and ``own_rating_count`` of the firm's rating, at the weights of the time when the firm's
``rating_discount`` stood at ``own_rating_mark``. ``news`` says that it has been served since the month began, by a
firm of the form ``news_form``, with the quality ``news_signal``. Kin who would help have ``kin_free_min`` free and
``kin_paid_min`` paid minutes a week and live ``kin_km`` away; they give ``kin_care_min`` a week for the service
``kin_service`` (-1 for none). Of the month's budget ``committed_fen`` are set aside for what runs by the month,
``booked_fen`` for visits to come, ``spent_fen`` are spent on visits."""

WORKER = np.dtype(
    [
        # A search looks at these of every candidate; they lie together, so that it waits for memory once or twice each.
        ("key", "u8"),
        ("absent_from_min", "f8"),
        ("absent_until_min", "f8"),
        ("free_at_min", "f8"),
        ("skills", "u4"),
        ("reserved_slots", "u4"),
        ("shift_start_min", "f4"),
        ("shift_end_min", "f4"),
        ("day_of_place", "i4"),
        ("plan_length", "i2"),
        ("frozen", "i2"),
        ("home_district", "i2"),
        ("status", "i1"),
        ("weekdays", "u1"),
        ("health_class", "i1"),
        ("certified", "i1"),
        ("has_ebike", "i1"),
        ("company_row", "i4"),
        ("home_x_km", "f4"),
        ("home_y_km", "f4"),
        ("home_map_x_km", "f4"),
        ("home_map_y_km", "f4"),
        *PLACE,
        # What follows is read of those who are chosen.
        ("home_city_x_km", "f4"),
        ("home_city_y_km", "f4"),
        ("trade", "i2"),
        ("origin", "i2"),
        ("base_row", "i4"),
        ("age_years", "f4"),
        ("female", "i1"),
        ("skill_level", "f4"),
        ("skill_potential", "f4"),
        ("service_seen_min", "f8"),
        ("income_memory_fen", "f8"),
        ("income_seen_fen", "i8"),
        ("months_seen", "i4"),
        ("moves", "i4"),
        ("employed_since_min", "f8"),
        ("destination", "i1"),
        ("ward_since_min", "f8"),
        ("ward_paid_fen", "i8"),
        ("ward_insured_fen", "i8"),
        ("health_held", "i1"),
        ("health_until_min", "f8"),
        ("reservation_fen_per_h", "f4"),
        ("rating", "f4"),
        ("ratings", "i4"),
        ("placement_row", "i4"),
        ("contracts", "i2"),
        ("plan", "i4", (PLAN_LENGTH,)),
        ("stamp", "i4"),
        ("entered_min", "f8"),
        ("left_min", "f8"),
        ("on_duty_min", "f8"),
        ("travel_min", "f8"),
        ("service_min", "f8"),
        ("placed_days", "f8"),
        ("payroll_until_min", "f8"),
        ("completed", "i4"),
        ("visit_days", "i4"),
        ("refusals", "i4"),
        ("income_fen", "i8"),
        *MONEY,
    ],
    align=True,
)
"""The place columns are where the worker is (or was when last free); ``home_map`` is where his firm finds him at home
on its map (see :mod:`sim.world.surroundings`); ``weekdays`` is a bit mask, bit 0 is Monday;
``reserved_slots`` a bit mask of weekday x recurring slot; ``plan[:frozen]`` is begun and cannot be changed;
``stamp`` invalidates scheduled departures when the plan's head changes. Work moves ``skill_level`` towards
``skill_potential``; ``income_memory_fen`` is what a month brings as the worker remembers it, over ``months_seen``; the
``*_seen`` columns are the totals at the last look back; ``health_held`` is the class of the health examination that he
has when it is valid, until ``health_until_min``; ``employed_since_min`` is when
he changed to his firm, 0 for who never did; ``destination`` is where he went who has left;
``ward_since_min`` is since when he works in the house of his institution, ``ward_paid_fen`` and ``ward_insured_fen``
what he and his insurance have received for that."""
