"""The market's own parameters, read from the facts once, and their neutral values for a textbook queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.choice import WEIGHTS
from sim.agents.satisfaction import JUDGEMENT
from sim.vocabulary import FirmForm, Grievance
from sim.world.beliefs import signal_var

if TYPE_CHECKING:
    from sim.data.facts import FactTree
    from sim.state import Rows


@dataclass(frozen=True)
class VisitRules:
    """How visits are booked, confirmed, refused and carried out (facts ``visits.*``).

    Attributes:
        notice_min: Shortest time between booking and wanted start.
        confirm_within_min: The household wants a confirmed worker within this time, else the start moves a day.
        flexible_mean_min: Mean minutes by which a household can bear another time of the day (exponential).
        firms_asked_at_most: Firms that a household asks for one need.
        patient_days_mean: Mean days that a household lets its start be moved (geometric).
        offers_at_most: Workers asked for one order before it waits.
        cancel_probability: Orders that the household cancels before the visit.
        no_show_probability: Visits to which the worker does not set out.
        late_limit_min: A visit that would start this much after its window is given to somebody else.
        acceptance_noise_sd: Spread of the worker's taste, on the log of the reservation wage.
        quality_sd: Spread of the experienced quality around the worker's and the firm's.
        wait_smoothing: Weight of a new booking in a firm's expected wait.
        pool_answer_mean_min: Mean time in which a worker of a pool answers.
        booking_hour_weights: When in the day needs arise, by hour.
        contract_slot_starts_min: Starts of the daily slots of recurring contracts.
        contract_slot_min: Length of a slot.
        contract_slot_flexible_probability: A household that wants a contract would take another slot of the day.
        contract_worker_share: Workers who take contracts; the others live from single orders.
    """

    notice_min: float
    confirm_within_min: float
    flexible_mean_min: float
    firms_asked_at_most: int
    patient_days_mean: float
    offers_at_most: int
    cancel_probability: float
    no_show_probability: float
    late_limit_min: float
    acceptance_noise_sd: float
    quality_sd: float
    wait_smoothing: float
    pool_answer_mean_min: float
    booking_hour_weights: tuple[float, ...]
    contract_slot_starts_min: tuple[float, ...]
    contract_slot_min: float
    contract_slot_flexible_probability: float
    contract_worker_share: float


TEXTBOOK_VISITS = VisitRules(
    notice_min=0.0,
    confirm_within_min=float("inf"),
    flexible_mean_min=0.0,
    firms_asked_at_most=1,
    patient_days_mean=0.0,
    offers_at_most=1,
    cancel_probability=0.0,
    no_show_probability=0.0,
    late_limit_min=float("inf"),
    acceptance_noise_sd=0.0,
    quality_sd=0.0,
    wait_smoothing=0.0,
    pool_answer_mean_min=1.0,
    booking_hour_weights=(1.0,) * 24,
    contract_slot_starts_min=(0.0,),
    contract_slot_min=0.0,
    contract_slot_flexible_probability=0.0,
    contract_worker_share=0.0,
)


@dataclass(frozen=True)
class PlacementRules:
    """How placements and contracts are searched, begun and ended (facts ``placements.*``).

    Attributes:
        search_step_days: Mean days between two candidates that a firm presents.
        agree_probability: A household takes a candidate after the interview.
        start_lag_days: Days between agreement and the first day.
        patience_days: A household gives up after this many days.
        unsuitable_probability: Placements that end within the first month because worker and household do not fit.
        trial_days: Days within which that shows.
        replacements_at_most: Times that a firm replaces an unsuitable or leaving worker.
        matron_term_days: Length of one term of a maternity matron's stay, which may be renewed.
    """

    search_step_days: float
    agree_probability: float
    start_lag_days: float
    patience_days: float
    unsuitable_probability: float
    trial_days: float
    replacements_at_most: int
    matron_term_days: float


def choice_weights(facts: FactTree) -> Rows:
    """Return the coefficients of the household's choice from the facts ``choice.*`` (dtype ``WEIGHTS``)."""
    weights = np.zeros(1, WEIGHTS)
    elsewhere = _weights_elsewhere(facts)
    for name in WEIGHTS.names or ():
        if weights[name].ndim > 1:
            for form in FirmForm:
                weights[name][0, form] = facts.number(f"choice.{name}.{form.name.lower()}")
        else:
            weights[name] = elsewhere[name] if name in elsewhere else facts.number(f"choice.{name}")
    return weights


def _weights_elsewhere(facts: FactTree) -> dict[str, float]:
    """Return the coefficients that do not stand under ``choice.*``."""
    beliefs = ("rating_cap", "blind_box_aversion", "review_base", "review_per_point")
    return {
        "kin_paid_hours_per_week": facts.number("households.kin.paid_hours_per_week"),
        "reference_quality": facts.number("workers.skill_level.mean"),
        "signal_var": signal_var(facts),
        "firm_quality_var": facts.number("companies.quality_sd") ** 2,
        "rating_bias_var": facts.number("beliefs.rating_bias_sd") ** 2,
        **{name: facts.number(f"beliefs.{name}") for name in beliefs},
    }


def judgement_of(facts: FactTree) -> Rows:
    """Return how households judge services from the facts ``satisfaction.*`` (dtype ``JUDGEMENT``)."""
    judgement = np.zeros(1, JUDGEMENT)
    judgement["asked"] = 1
    plain = (
        "level_per_point", "gap_per_point", "lateness_per_hour", "damage_probability", "damage_falls_per_point",
        "overcharge_probability", "overcharge_share", "scope_quarrel_probability",
    )  # fmt: skip
    for name in plain:
        judgement[name] = facts.number(f"satisfaction.{name}")
    for k, name in enumerate(("neutral", "fairly", "very")):
        judgement["thresholds"][0, k] = facts.number(f"satisfaction.thresholds.{name}")
    for form in FirmForm:
        clarity = facts.number(f"satisfaction.contract_clarity.{form.name.lower()}")
        judgement["contract_clarity"][0, form] = clarity
    for grievance in Grievance:
        name = grievance.name.lower()
        if grievance != Grievance.NONE:
            judgement["complaint_probability"][0, grievance] = facts.number(
                f"satisfaction.complaint_probability.{name}"
            )
        if grievance not in (Grievance.NONE, Grievance.QUALITY):
            judgement["harm"][0, grievance] = facts.number(f"satisfaction.harm_points.{name}")
    return judgement
