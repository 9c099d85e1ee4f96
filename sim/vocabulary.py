"""The closed vocabularies of the market: forms, states, reasons, sectors, kinds of money.

Every table column that holds a small integer takes it from here; its names in ``en`` and ``zh`` are in the catalogue
under ``<enumeration>.<member>`` (for example ``order_state.completed``).
"""

from __future__ import annotations

from enum import IntEnum


class ServiceForm(IntEnum):
    """How a service is delivered."""

    VISIT = 0
    RECURRING = 1
    PLACEMENT = 2
    RESIDENCE = 3


class FirmForm(IntEnum):
    """The form of a firm, which is also the channel that a household chooses.

    Workers found through acquaintances work for themselves. A circle of acquaintances stands among the firms, since it
    is a place where households find workers, but it keeps nothing, owns nothing and owes nothing.
    """

    PLATFORM = 0
    AGENCY = 1
    EMPLOYEE_BASED = 2
    OUTLET = 3
    INSTITUTION = 4
    ACQUAINTANCE = 5


class OrderState(IntEnum):
    """Where a visit's order stands; the last three are ends."""

    NONE = 0
    OPEN = 1
    OFFERED = 2
    ASSIGNED = 3
    TRAVELLING = 4
    IN_SERVICE = 5
    COMPLETED = 6
    CANCELLED = 7
    UNSERVED = 8


class Tally(IntEnum):
    """What is counted of orders by service and district, at the event itself."""

    REQUESTED = 0
    COMPLETED = 1
    CANCELLED = 2
    UNSERVED = 3


class PlacementState(IntEnum):
    """Where a placement or a recurring contract stands; the last three are ends."""

    NONE = 0
    SEARCHING = 1
    AGREED = 2
    ACTIVE = 3
    ENDED = 4
    WITHDRAWN = 5
    UNSERVED = 6


class Reason(IntEnum):
    """Why an order was refused, cancelled or not served.

    From ``NO_SKILL`` to ``REFUSED_PAY`` the numbers follow the sequence in which a worker is tested for an order: the
    largest among a firm's workers is the hurdle that somebody came to last, the one that binds.
    """

    NONE = 0
    NO_FIRM = 1
    NO_SKILL = 2
    NO_HEALTH_CLASS = 3
    NO_CERTIFICATE = 4
    IN_PLACEMENT = 5
    OUT_OF_RANGE = 6
    OFF_SHIFT = 7
    ON_LEAVE = 8
    PLAN_FULL = 9
    TIME_WINDOW = 10
    REFUSED_PAY = 11
    PATIENCE_ENDED = 12
    HOUSEHOLD_CANCELLED = 13
    WORKER_NO_SHOW = 14
    TOO_LATE = 15
    WORKER_LEFT = 16
    REJECTED_BY_DISPATCH = 17
    UNSUITABLE = 18
    TERM_ENDED = 19
    HOUSEHOLD_DECLINED = 20
    NO_ANSWER = 21
    WENT_PRIVATE = 22
    ASKED_ELSEWHERE = 23


class WorkerStatus(IntEnum):
    """What a worker is doing now."""

    IDLE = 0
    TRAVELLING = 1
    IN_SERVICE = 2
    PLACED = 3
    LEFT = 4
    STAFF = 5


class Destination(IntEnum):
    """Where a worker goes who leaves the trade."""

    NONE = 0
    OTHER_TRADE = 1
    HOME = 2
    RIVAL_CITY = 3
    RETIRED = 4


class Sector(IntEnum):
    """Owner classes of the ledger's accounts."""

    HOUSEHOLD = 0
    WORKER = 1
    COMPANY = 2
    BASE = 3
    INSTITUTION = 4
    GOVERNMENT = 5
    REST_OF_WORLD = 6


class MoneyKind(IntEnum):
    """What a payment is for."""

    SERVICE = 0
    WAGE = 1
    PLACEMENT_FEE = 2
    TRAINING_FEE = 3
    CARE_FEE = 4
    STAFF_WAGE = 5
    SOCIAL_INSURANCE = 6
    SUBSIDY = 7
    RENT = 8
    OFFICE_WAGE = 9
    ADVERTISING = 10
    WRITE_OFF = 11
    REFUND = 12


class Satisfaction(IntEnum):
    """What a household says of a service that has ended."""

    NONE = 0
    DISSATISFIED = 1
    NEUTRAL = 2
    FAIRLY = 3
    VERY = 4


class Grievance(IntEnum):
    """What went wrong with a service: less than was expected, damage, a price raised on the spot, no clear contract."""

    NONE = 0
    QUALITY = 1
    DAMAGE = 2
    OVERCHARGE = 3
    UNCLEAR_CONTRACT = 4


class ComplaintState(IntEnum):
    """Where a complaint stands: with the firm, with a mediator, or at one of its ends."""

    NONE = 0
    OPEN = 1
    DISPUTED = 2
    SETTLED = 3
    MEDIATED = 4
    DROPPED = 5


class HealthClass(IntEnum):
    """Class of the health examination that a service asks for."""

    NONE = 0
    FOOD = 1
    CARE = 2
    INFANT = 3


class NeedsBy(IntEnum):
    """Which households can need a service."""

    ANY = 0
    ELDER = 1
    DISABLED_ELDER = 2
    INFANT = 3
    BIRTH = 4
    PET = 5


class DurationLaw(IntEnum):
    """Distribution of a service's duration."""

    FIXED = 0
    EXPONENTIAL = 1
    LOGNORMAL = 2


ORDER_ENDS = (OrderState.COMPLETED, OrderState.CANCELLED, OrderState.UNSERVED)
PLACEMENT_ENDS = (PlacementState.ENDED, PlacementState.WITHDRAWN, PlacementState.UNSERVED)
NO_ROW = -1
KIN = -2
"""What a household's choice returns, in place of a company's row, when kin meet the need."""
UNLIMITED_FEN = 2**60
"""Budget of a scheme that has none: more than any run can spend."""
