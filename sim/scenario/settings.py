"""The settings of a scenario: what a file may say beside the facts, with types, units and ranges.

What a key means stands in the catalogue of names under ``setting.<key>``. Rules that tie several keys together are in
:mod:`sim.scenario.rules`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from sim.vocabulary import FirmForm

SCHEMA_VERSION = 1
DEFAULT_POLICY = "nearest"

FIRM_FORMS = tuple(form.name.lower() for form in FirmForm)

POLICY_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Form of the name that a scenario gives a policy of its own."""

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _parse_date(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _ISO_DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("date_form", "a date of the form YYYY-MM-DD is needed")


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


IsoDate = Annotated[date, BeforeValidator(_parse_date)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Frozen(BaseModel):
    """Base of all settings: frozen, strict about types, and without unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class LocalText(Frozen):
    """A text in both languages."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class Period(Frozen):
    """The simulated time; results count from the end of the warm-up."""

    start: Annotated[IsoDate, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
    days: int = Field(ge=1, le=36_525, json_schema_extra={"unit": "days"})
    warm_up_days: int = Field(default=28, ge=0, le=36_525, json_schema_extra={"unit": "days"})


class DispatchChoice(Frozen):
    """The dispatcher of a form of firm: its name, and values for its parameters."""

    policy: str = Field(default=DEFAULT_POLICY, min_length=1)
    parameters: dict[str, Any] = Field(default_factory=dict)


class PolicyChoice(Frozen):
    """A policy of a scenario: which it is, and all its parameters."""

    policy: str = Field(min_length=1)
    parameters: dict[str, Any] = Field(default_factory=dict)


class Recording(Frozen):
    """How much a run writes; it changes no result."""

    detail: Literal["none", "indicators", "tables"] = "tables"


class Calendar(Frozen):
    """Public holidays and Spring Festival, frozen; filled in when a scenario is run, seldom by hand."""

    country: str = Field(min_length=2, max_length=2)
    start: str
    days: int = Field(ge=1, json_schema_extra={"unit": "days"})
    public_holidays: dict[str, str]
    working_weekends: Texts
    lunar_new_years: Texts
    source: str
    warnings: Texts = ()


class ServiceTime(Frozen):
    """Law of a textbook queue's service time; ``cv`` only with the lognormal law."""

    law: Literal["exponential", "fixed", "lognormal"]
    mean_min: float = Field(gt=0, le=1e6, json_schema_extra={"unit": "min"})
    cv: float | None = Field(default=None, gt=0, le=100, json_schema_extra={"unit": "1"})


class Patience(Frozen):
    """Law of the time that a textbook queue's customer waits at most; ``mean_min`` 0 makes it a loss system."""

    law: Literal["none", "fixed", "exponential"] = "none"
    mean_min: float | None = Field(default=None, ge=0, le=1e6, json_schema_extra={"unit": "min"})


class Laboratory(Frozen):
    """A textbook queue in place of a region's market."""

    servers: int = Field(ge=1, le=100_000, json_schema_extra={"unit": "workers"})
    arrivals_per_hour: float = Field(gt=0, le=1e6, json_schema_extra={"unit": "orders/h"})
    service_time: ServiceTime
    patience: Patience = Patience()


def _every_form(value: Any) -> Any:
    """Fill in the forms that were left out, in the order of the vocabulary."""
    if not isinstance(value, dict):
        return value
    return {form: value.get(form, {}) for form in FIRM_FORMS} | value


def _known_form(name: str) -> str:
    if name not in FIRM_FORMS:
        raise PydanticCustomError("form", "no such form of firm")
    return name


def _policy_name(name: str) -> str:
    if not POLICY_NAME.fullmatch(name):
        raise PydanticCustomError("policy_name", "no name for a policy")
    return name


def _by_name(choices: dict[str, PolicyChoice]) -> dict[str, PolicyChoice]:
    """Sort by name: the order in a file means nothing."""
    return dict(sorted(choices.items()))


FirmFormName = Annotated[str, AfterValidator(_known_form)]
Dispatch = Annotated[dict[FirmFormName, DispatchChoice], BeforeValidator(_every_form)]
Services = Annotated[Literal["all"] | tuple[str, ...], BeforeValidator(_as_tuple)]
PolicyName = Annotated[str, AfterValidator(_policy_name)]
Policies = Annotated[dict[PolicyName, PolicyChoice], AfterValidator(_by_name)]


class Settings(Frozen):
    """All that a scenario file may say, beside ``extends`` and ``parameters``."""

    schema_version: Literal[1]
    name: LocalText
    description: LocalText | None = None
    region: str | None = Field(default=None, min_length=1)
    period: Period
    scale: float = Field(default=0.01, gt=0, le=1, json_schema_extra={"unit": "share"})
    seed: int = Field(default=1, ge=0, le=2**63 - 1)
    services: Services = "all"
    dispatch: Dispatch = Field(default_factory=dict, validate_default=True)
    recording: Recording = Recording()
    calendar: Calendar | None = None
    laboratory: Laboratory | None = None
    policies: Policies = Field(default_factory=dict)
