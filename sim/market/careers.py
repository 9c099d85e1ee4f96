"""The career desk: every month each worker grows older, learns, remembers his pay, and decides whether to go on."""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.career import CAREER, MOVE, STAY, decide, learn, remember, renew_health
from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY, MONTHS_PER_YEAR, Kind
from sim.compiled import entry, kernel
from sim.market.employment import change_firm
from sim.rng import decision, uniform
from sim.state import Rows
from sim.vocabulary import Destination, FirmForm, WorkerStatus

if TYPE_CHECKING:
    from sim.data.facts import FactTree
    from sim.market.labour import LabourDesk
    from sim.market.market import Market

_LEFT = int(WorkerStatus.LEFT)
_STAY = STAY
_TIME = decision("career.time")
_FEN_PER_YUAN = 100
_DAY = MINUTES_PER_DAY
_MEAN_YEAR_DAYS = 365.25


def career_rules(facts: FactTree) -> Rows:
    """Return the rules of careers from the facts ``careers.*`` and ``labour.exit_rate_per_year``."""
    rules = np.zeros(1, CAREER)
    rules["exit_rate_per_year"] = facts.number("labour.exit_rate_per_year")
    for option in (Destination.OTHER_TRADE, Destination.HOME, Destination.RIVAL_CITY):
        rules["share"][0, option] = facts.number(f"careers.share.{option.name.lower()}")
    for form in FirmForm:
        rules["move_rate_per_year"][0, form] = facts.number(f"careers.move_rate_per_year.{form.name.lower()}")
    rules["rent_fen_per_month"] = _FEN_PER_YUAN * facts.number("region.rent_bunk_yuan_per_month")
    for name in ("other_trade", "rival_city", "least_net"):
        rules[f"{name}_fen_per_month"] = _FEN_PER_YUAN * facts.number(f"careers.{name}_yuan_per_month")
    for name in (
        "pay_elasticity", "firm_pay_elasticity", "insurance_hold", "taste_sd", "dormitory_rent_share",
        "memory_weight", "festival_home_factor", "retire_mid_years", "retire_spread_years",
        "retire_rate_per_year", "learning_hours", "health_renewal_probability", "health_return_probability",
    ):  # fmt: skip
        rules[name] = facts.number(f"careers.{name}")
    return rules


def home_pay_fen(facts: FactTree, origins: tuple[str, ...]) -> Rows:
    """Return what a month brings at home, by origin, in fen."""
    return np.array(
        [_FEN_PER_YUAN * facts.number(f"region.origins.{origin}.wage_yuan_per_month") for origin in origins]
    )


@entry
@kernel
def review(
    workers: Rows,
    companies: Rows,
    rules: Rows,
    home_fen: np.ndarray,
    past_days: float,
    months: float,
    home_factor: float,
    now_min: float,
    occasion: np.uint64,
    seed: np.uint64,
    choices: np.ndarray,
    firms: np.ndarray,
) -> None:
    """Let all workers look back on the month that has ended, and decide on the one that begins.

    ``past_days`` are those of the month that has ended, 0 when time starts; ``months`` is the part of a month that lies
    ahead, in which workers go home for good ``home_factor`` times as often as in the mean month. ``choices`` and
    ``firms`` take what each decides, as :func:`sim.agents.career.decide` returns it.
    """
    for w in range(len(workers)):
        who = workers[w]
        choices[w] = _STAY
        if who.status == _LEFT:
            continue
        if past_days > 0.0 and who.entered_min < now_min:
            who.age_years += past_days / _MEAN_YEAR_DAYS
            days = min(past_days, (now_min - max(who.entered_min, 0.0)) / _DAY)
            remember(who, rules[0], days)
            learn(who, rules[0])
            renew_health(who, rules[0], now_min, seed)
        choices[w], firms[w] = decide(
            who, companies, rules[0], home_fen[who.origin], months, home_factor, occasion, seed
        )


class CareerDesk:
    """Carries workers' monthly decisions out.

    Args:
        market: The shared working memory.
        labour: The desk that lets workers leave.
        rules: One record of dtype ``CAREER``.
        home_fen: What a month brings at home, by origin.
    """

    def __init__(self, market: Market, labour: LabourDesk, rules: Rows, home_fen: Rows) -> None:
        self.market = market
        self.labour = labour
        self.rules = rules
        self.home_fen = home_fen

    def open_month(self, day: int) -> None:
        """Review every worker; leavers go at some time of the month, who changes the firm does so at once."""
        market = self.market
        today = market.calendar.date_of(day)
        ahead = monthrange(today.year, today.month)[1] - today.day + 1
        occasion = np.uint64(MONTHS_PER_YEAR * today.year + today.month)
        workers = market.table("workers").used
        choices = np.full(len(workers), STAY, np.int64)
        firms = np.full(len(workers), -1, np.int64)
        review(
            workers, market.table("companies").used, self.rules, self.home_fen, self._past_days(day),
            ahead / DAYS_PER_MONTH, self._home_factor(day, ahead), market.now_min, occasion, market.seed, choices,
            firms,
        )  # fmt: skip
        for worker in np.flatnonzero(choices > 0).tolist():
            share = uniform(market.seed, _TIME, workers["key"][worker], occasion)
            when = market.now_min + share * ahead * MINUTES_PER_DAY
            market.clock.at(when, Kind.LEAVE, worker, int(choices[worker]))
        moving = np.flatnonzero(choices == MOVE)
        self.move(moving[np.argsort(workers["key"][moving], kind="stable")].tolist(), firms)

    def _past_days(self, day: int) -> float:
        """Return the days since the month before began, as far as the run has seen them."""
        if day == 0:
            return 0.0
        yesterday = self.market.calendar.date_of(day - 1)
        return float(min(monthrange(yesterday.year, yesterday.month)[1], day))

    def _home_factor(self, day: int, ahead: int) -> float:
        """Return the factor of going home for good: higher in the month of Spring Festival, one in the yearly mean."""
        factor = float(self.rules["festival_home_factor"][0])
        mean = (MONTHS_PER_YEAR - 1.0 + factor) / MONTHS_PER_YEAR
        to_festival = int(self.market.calendar.days_to_spring_festival[day])
        return (factor if 0 <= to_festival < ahead else 1.0) / mean

    def move(self, workers: list[int], firms: Rows) -> None:
        """Let workers change the firm: its contracts and planned visits stay with it, what is private goes along.

        All are with their new firms before the first visit is given back, so that none is offered to who has gone.
        """
        market = self.market
        former = {worker: int(market.rows("workers")["company_row"][worker]) for worker in workers}
        for worker in workers:
            self.labour.leave_ward(worker)
            row = market.rows("workers")[worker]
            if row["contracts"] > 0:
                self.labour.contracts.worker_changes_firm(worker)
            change_firm(market, worker, int(firms[worker]))
        market.reindex_members()
        for worker in workers:
            self.labour.release_plan_of(worker, former[worker])
