"""The identities of a region's initial state, from its facts and from how much of the needs firms are asked to meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.clock import DAYS_PER_MONTH, DAYS_PER_WEEK, DAYS_PER_YEAR, MONTHS_PER_YEAR
from sim.report.books.amount import Amount, exact, of_fact, of_source, total
from sim.report.books.line import Line
from sim.report.books.population import Population
from sim.vocabulary import FirmForm, ServiceForm
from sim.world.services import trades
from sim.world.staff_norm import DEGREE_IDS

if TYPE_CHECKING:
    from sim.report.books.observed import Observed
    from sim.report.books.opening import Taken
    from sim.world.frame import Frame

_WEEKS_PER_MONTH = exact(DAYS_PER_MONTH / DAYS_PER_WEEK)
_MONTHS = exact(float(MONTHS_PER_YEAR))
_ONE = exact(1.0)
_CONTRACT_TRADE = "hourly_cleaning"
_CARE_TRADE = "elder_care"
_MATRON_TRADE = "maternity_matron"


@dataclass(frozen=True)
class Books:
    """The accounts of a region's initial state.

    Attributes:
        frame: The region, its facts and its services.
        taken: By service how much of the needs households bring to a firm.
        observed: Marks of what was observed of the whole region.
    """

    frame: Frame
    taken: Mapping[str, Taken]
    observed: Observed

    @property
    def population(self) -> Population:
        """The households."""
        return Population(self.frame)

    def fact(self, path: str) -> Amount:
        """Return a fact with its range."""
        return of_fact(self.frame.facts, path)

    def services(self, form: ServiceForm, trade: str = "") -> list[str]:
        """Return the services of a form, of one trade or of all."""
        facts = self.frame.facts
        return [
            service
            for service in self.frame.services
            if facts.text(f"services.{service}.form") == form.name.lower()
            and trade in ("", facts.text(f"services.{service}.trade"))
        ]

    def begun_per_year(self, service: str) -> Amount:
        """Return the orders, placements or stays a year that households ask firms for."""
        return self.population.needs_per_year(service) * exact(self.taken[service].needs)

    def visits_per_month(self, services: list[str]) -> Amount:
        """Return single visits a month."""
        return total(self.begun_per_year(service) for service in services) / _MONTHS

    def stock(self, service: str) -> Amount:
        """Return how many spells run at a time: begun a day times mean length (Little 1961)."""
        days = self.population.spell_days(service)
        return self.begun_per_year(service) / exact(DAYS_PER_YEAR) * days

    def stocks(self, form: ServiceForm, trade: str = "") -> Amount:
        """Return the spells that run at a time, of one trade or of all."""
        return total(map(self.stock, self.services(form, trade)))

    def workers(self, trade: str) -> Amount:
        """Return the workers of a trade."""
        return self.fact("region.workers") * self.fact(f"region.workers_by_trade.{trade}")

    def visits_of_worker(self) -> Amount:
        """Return the single visits a month of a worker who lives from them, at the observed pace."""
        return of_source(self.observed.visits_per_day) * self.fact("workers.days_per_week") * _WEEKS_PER_MONTH

    def on_contracts(self) -> Amount:
        """Return the workers who serve recurring contracts."""
        return self.workers(_CONTRACT_TRADE) * self.fact("visits.contract_worker_share")


def lines(books: Books) -> list[Line]:
    """Return all identities that the region's facts and services allow."""
    parts = (_visits, _contracts, _placements, _matrons, _elder_care, _institutions, _workforce, _whole)
    return [line for part in parts for line in part(books)]


def _visits(b: Books) -> list[Line]:
    """Households x needs = workers x visits, elder care left to its own line."""
    known = [
        trade for trade in trades(b.frame) if trade != _CARE_TRADE and b.services(ServiceForm.VISIT, trade)
    ]
    asked = b.visits_per_month([s for trade in known for s in b.services(ServiceForm.VISIT, trade)])
    hands = total(b.workers(trade) for trade in known)
    if _CONTRACT_TRADE in known and b.services(ServiceForm.RECURRING):
        hands = hands - b.on_contracts()
    return [Line("visits", "visits/month", asked, hands * b.visits_of_worker())] if known else []


def _contracts(b: Books) -> list[Line]:
    found = b.services(ServiceForm.RECURRING)
    if not found:
        return []
    clients = of_source(b.observed.clients_per_day)
    held = total(map(b.stock, found))
    weekly = b.fact(f"services.{found[0]}.visits_per_week") * _WEEKS_PER_MONTH
    served = b.on_contracts() * clients
    return [
        Line("contracts", "contracts", held, served),
        Line("contract_visits", "visits/month", held * weekly, served * weekly, "contract_visits"),
    ]


def _placements(b: Books) -> list[Line]:
    """Spells x new placements = workers placed, by trade; a trade cannot hold more than it has workers."""
    placed = [
        trade
        for trade in trades(b.frame)
        if trade not in (_MATRON_TRADE, _CARE_TRADE) and b.services(ServiceForm.PLACEMENT, trade)
    ]
    return [
        Line(f"placed_{trade}", "persons", b.stocks(ServiceForm.PLACEMENT, trade), b.workers(trade))
        for trade in placed
    ]


def _matrons(b: Books) -> list[Line]:
    """Births x share = matrons x jobs a year, which the mean length of a stay allows."""
    found = b.services(ServiceForm.PLACEMENT, _MATRON_TRADE)
    if not found:
        return []
    jobs = _MONTHS / b.fact(f"services.{found[0]}.spell_mean_months")
    asked = total(map(b.begun_per_year, found))
    return [Line("matron_jobs", "jobs/year", asked, b.workers(_MATRON_TRADE) * jobs, "matrons")]


def _elder_care(b: Books) -> list[Line]:
    """Elder carers = those in families + those on visits + those in institutions."""
    if _CARE_TRADE not in trades(b.frame):
        return []
    families = b.stocks(ServiceForm.PLACEMENT, _CARE_TRADE)
    visits = b.visits_per_month(b.services(ServiceForm.VISIT, _CARE_TRADE)) / b.visits_of_worker()
    found = [
        Line("elder_carers", "persons", families + visits + _staff(b), b.workers(_CARE_TRADE), "elder_carers")
    ]
    if b.observed.elder_households:
        hiring = of_source(b.observed.elder_households)
        found.append(Line("elder_households", "households", families, hiring, "elder_carers"))
    return found


def _staff(b: Books) -> Amount:
    if not b.services(ServiceForm.RESIDENCE):
        return exact(0.0)
    degrees = {degree: b.fact(f"care.resident_degree_share.{degree}") for degree in DEGREE_IDS[1:]}
    degrees = {DEGREE_IDS[0]: exact(1.0) - total(degrees.values()), **degrees}
    carers = total(share / b.fact(f"care.residents_per_carer.{degree}") for degree, share in degrees.items())
    return b.population.residents() * carers


def _institutions(b: Books) -> list[Line]:
    """Admissions x stay = beds x occupancy; carers of institutions = workers of that form."""
    stays = b.services(ServiceForm.RESIDENCE)
    if not stays:
        return []
    form = FirmForm.INSTITUTION.name.lower()
    hired = b.fact("region.workers") * b.fact(f"region.workers_by_form.{form}")
    return [
        Line("residents", "persons", total(map(b.stock, stays)), b.population.residents(), "occupancy"),
        Line("institution_staff", "persons", _staff(b), hired),
    ]


def _workforce(b: Books) -> list[Line]:
    """Entry = exit; the forms of employment fill the workforce, so that what they leave is informal work."""
    facts, workers = b.frame.facts, b.fact("region.workers")
    trained = exact(0.0)
    for place, suffix in (("in_region", "_in_region"), ("at_origin", "")):
        bases = f"region.training_bases.{place}"
        finished = b.fact(f"{bases}.count") * b.fact(f"{bases}.trainees_per_year")
        trained += (
            finished * b.fact("training.pass_probability") * b.fact(f"training.take_job_probability{suffix}")
        )
    entering = workers * b.fact("labour.network_entry_rate_per_year") + trained
    leaving = workers * of_source(b.observed.exit_rate_percent, 0.01)
    forms = total(
        b.fact(f"region.workers_by_form.{form}") for form in facts.children("region.workers_by_form")
    )
    return [
        Line("entry_exit", "persons/year", entering, leaving, "entry_exit"),
        Line("forms", "share", forms, _ONE, "forms"),
    ]


def _whole(b: Books) -> list[Line]:
    """What the whole trade comes to, against what was published or guessed of the region."""
    families = exact(sum(b.population.families))
    long_term = b.stocks(ServiceForm.PLACEMENT)
    checks: list[tuple[str, str, str, Callable[[], Amount], str, float]] = [
        ("long_term_households", "share", b.observed.long_term_share, lambda: long_term / families, "", 0.01),
        ("revenue", "yuan/year", b.observed.revenue, lambda: _revenue(b), "revenue", 1e9),
        (
            "new_contracts",
            "per month",
            b.observed.new_contract_share,
            lambda: _new_placements(b),
            "new_contracts",
            0.01,
        ),
    ]
    found = []
    for name, unit, mark, side, tension, factor in checks:
        if mark:
            right = of_source(mark, factor)
            if name == "new_contracts":
                right = right * b.visits_per_month(b.services(ServiceForm.VISIT)) / (_ONE - right)
            found.append(Line(name, unit, side(), right, tension))
    return found


def _new_placements(b: Books) -> Amount:
    return total(map(b.begun_per_year, b.services(ServiceForm.PLACEMENT))) / _MONTHS


def _revenue(b: Books) -> Amount:
    """What households pay firms in a year for visits, contracts and placements; institutions' fees are left out."""
    visits = (b.begun_per_year(s) * _price_of_visit(b, s) for s in b.services(ServiceForm.VISIT))
    monthly = [*b.services(ServiceForm.RECURRING), *b.services(ServiceForm.PLACEMENT)]
    return total(visits) + total(b.stock(s) * b.fact(f"services.{s}.price_yuan") * _MONTHS for s in monthly)


def _price_of_visit(b: Books, service: str) -> Amount:
    price = b.fact(f"services.{service}.price_yuan")
    hourly = b.frame.facts.text(f"services.{service}.price_basis") == "h"
    return price * b.fact(f"services.{service}.duration_mean_h") if hourly else price
