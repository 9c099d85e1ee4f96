"""Whether a household is satisfied with a service, what went wrong, and whether it complains.

Satisfaction follows what was experienced against what was expected (expectancy disconfirmation; Oliver 1980), as an
ordered logit in four answers. What goes wrong is drawn first: damage, the less likely the more skilled the worker; and
where it was not clear what had been agreed, a price raised on the spot or a quarrel over what belongs to the service.
Each costs points of the quality experienced. Who is dissatisfied complains with a probability by the cause.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.agents.beliefs import of_firm
from sim.compiled import kernel
from sim.rng import decision, uniform
from sim.state import Columns, Record, Rows
from sim.vocabulary import FirmForm, Grievance, Satisfaction

GRIEVANCES = len(Grievance)
JUDGEMENT = np.dtype(
    [
        ("asked", "i1"),
        ("level_per_point", "f8"),
        ("gap_per_point", "f8"),
        ("lateness_per_hour", "f8"),
        ("thresholds", "f8", (3,)),
        ("contract_clarity", "f8", (len(FirmForm),)),
        ("damage_probability", "f8"),
        ("damage_falls_per_point", "f8"),
        ("overcharge_probability", "f8"),
        ("overcharge_share", "f8"),
        ("scope_quarrel_probability", "f8"),
        ("harm", "f8", (GRIEVANCES,)),
        ("complaint_probability", "f8", (GRIEVANCES,)),
    ],
    align=True,
)
"""One row: how households judge (facts ``satisfaction.*``); ``asked`` is 0 where nobody judges, as in a queue."""

_MIN_PER_H = 60.0
_ANSWER = decision("satisfaction.answer")
_CLEAR = decision("satisfaction.contract_clear")
_GOES_WRONG = decision("satisfaction.grievance")
_COMPLAINS = decision("satisfaction.complaint")
_NO_GRIEVANCE, _POOR = int(Grievance.NONE), int(Grievance.QUALITY)
_DAMAGE, _OVERCHARGE = int(Grievance.DAMAGE), int(Grievance.OVERCHARGE)
_UNCLEAR = int(Grievance.UNCLEAR_CONTRACT)
_NONE, _DISSATISFIED = int(Satisfaction.NONE), int(Satisfaction.DISSATISFIED)


class Service(NamedTuple):
    """What there is to judge.

    Attributes:
        household, company: Rows.
        skill: The worker's skill above that of a mean worker.
        quality: What was experienced, before anything went wrong.
        late_min: Minutes that the worker came after the end of the window.
        charged: Whether a price can be raised on the spot: at visits.
        key: Key of the visit or of the placement.
        occasion: Key of the worker.
    """

    household: int
    company: int
    skill: float
    quality: float
    late_min: float
    charged: bool
    key: np.uint64
    occasion: np.uint64


class Verdict(NamedTuple):
    """A household's judgement.

    Attributes:
        satisfaction: Member of ``Satisfaction``.
        grievance: Member of ``Grievance``: what went wrong; QUALITY where it was simply less than wanted.
        complains: Whether the household goes to the firm with it.
        clear: Whether it was clear what had been agreed.
        harm: Points by which the experience was worse for what went wrong.
    """

    satisfaction: int
    grievance: int
    complains: bool
    clear: bool
    harm: float


@kernel
def judge(c: Columns, weights: Rows, judgement: Rows, service: Service, seed: np.uint64) -> Verdict:
    """Return what a household thinks of a service that has ended, before it learns from it."""
    j = judgement[0]
    if j.asked == 0:
        return Verdict(_NONE, _NO_GRIEVANCE, False, True, 0.0)
    form = c.companies[service.company].form
    clear = uniform(seed, _CLEAR, service.key, service.occasion) < j.contract_clarity[form]
    grievance = went_wrong(j, service, clear, uniform(seed, _GOES_WRONG, service.key, service.occasion))
    harm = j.harm[grievance]
    signal = service.quality - weights[0].reference_quality - harm
    expected = of_firm(c, weights, service.household, service.company)[0]
    latent = score(j, signal, expected, service.late_min)
    satisfaction = answer(j, latent, uniform(seed, _ANSWER, service.key, service.occasion))
    if satisfaction != _DISSATISFIED:
        return Verdict(satisfaction, grievance, False, clear, harm)
    if grievance == _NO_GRIEVANCE:
        grievance = _POOR
    level = uniform(seed, _COMPLAINS, service.key, service.occasion)
    return Verdict(satisfaction, grievance, level < j.complaint_probability[grievance], clear, harm)


@kernel
def went_wrong(j: Record, service: Service, clear: bool, level: float) -> int:
    """Return what goes wrong at a uniform level: damage, then, where nothing is clear, price and scope."""
    damage = j.damage_probability * math.exp(-j.damage_falls_per_point * service.skill)
    if level < damage:
        return _DAMAGE
    if clear:
        return _NO_GRIEVANCE
    overcharge = j.overcharge_probability if service.charged else 0.0
    if level < damage + overcharge:
        return _OVERCHARGE
    if level < damage + overcharge + j.scope_quarrel_probability:
        return _UNCLEAR
    return _NO_GRIEVANCE


@kernel
def score(j: Record, signal: float, expected: float, late_min: float) -> float:
    """Return the latent satisfaction of an experience: its level, what it is above the expectation, and lateness."""
    gap = j.gap_per_point * (signal - expected)
    return j.level_per_point * signal + gap - j.lateness_per_hour * late_min / _MIN_PER_H


@kernel
def answer(j: Record, latent: float, level: float) -> int:
    """Return the answer of an ordered logit at a uniform level."""
    noise = math.log(level) - math.log1p(-level)
    given = _DISSATISFIED
    for k in range(3):
        if latent + noise >= j.thresholds[k]:
            given += 1
    return given
