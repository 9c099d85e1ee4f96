"""What a household believes of the quality of channels and firms: quality is an experience good.

Beliefs are normal and learn by Bayes' rule from normal signals (DeGroot 1970, section 9.5): precisions add, means are
weighted by them. A household has a belief about each form of firm, and one about the firm that served it last; of any
other firm it thinks as of its form, with the spread between firms on top, and takes the firm's public rating for a
signal. Qualities are deviations from that of a mean worker. Who has served nobody is a blind box: a household minds not
only what it expects but how unsure it is of it.
"""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import kernel
from sim.rng import decision, uniform
from sim.state import Columns, Record, Rows

_REVIEWS = decision("belief.reviews")


@kernel
def updated(mean: float, precision: float, signal: float, signal_precision: float) -> tuple[float, float]:
    """Return mean and precision of a normal belief after a normal signal."""
    total = precision + signal_precision
    return mean + signal_precision / total * (signal - mean), total


@kernel
def of_unknown_firm(home: Record, form: int, firm_var: float) -> tuple[float, float]:
    """Return mean and precision of what a household thinks of a firm of which it knows the form alone."""
    precision = home.belief_precision[form]
    if precision <= 0.0:
        return home.belief_mean[form], 0.0
    return home.belief_mean[form], 1.0 / (1.0 / precision + firm_var)


@kernel
def of_firm(c: Columns, weights: Rows, household: int, company: int) -> tuple[float, float]:
    """Return mean and precision of a household's belief about a firm, the firm's public rating taken in."""
    w = weights[0]
    home = c.households[household]
    firm = c.companies[company]
    mean, precision = of_unknown_firm(home, firm.form, w.firm_quality_var)
    if home.last_company_row == company and home.firm_precision > 0.0:
        mean, precision = home.firm_mean, home.firm_precision
    count = min(firm.rating_count, w.rating_cap)
    if count > 0.0:
        public = 1.0 / (w.signal_var / count + w.rating_bias_var)
        mean, precision = updated(mean, precision, firm.rating_sum / firm.rating_count, public)
    return mean, precision


@kernel
def believed_quality(c: Columns, weights: Rows, household: int, company: int) -> float:
    """Return what a firm's quality is worth for sure: expectation less half the aversion times the variance."""
    mean, precision = of_firm(c, weights, household, company)
    aversion = weights[0].blind_box_aversion
    if aversion <= 0.0 or precision <= 0.0:
        return mean
    return mean - 0.5 * aversion / precision


@kernel
def experience(
    c: Columns,
    weights: Rows,
    household: int,
    company: int,
    quality: float,
    occasion: np.uint64,
    seed: np.uint64,
) -> None:
    """Let a household learn from a service, and perhaps review the firm: the more surprised, the more likely.

    The firm becomes the one that served the household last.
    """
    w = weights[0]
    home = c.households[household]
    firm = c.companies[company]
    form = firm.form
    if w.signal_var <= 0.0 or home.belief_precision[form] <= 0.0:
        return
    signal = quality - w.reference_quality
    if home.last_company_row != company or home.firm_precision <= 0.0:
        home.firm_mean, home.firm_precision = of_unknown_firm(home, form, w.firm_quality_var)
    surprise = math.fabs(signal - home.firm_mean)
    home.firm_mean, home.firm_precision = updated(
        home.firm_mean, home.firm_precision, signal, 1.0 / w.signal_var
    )
    home.belief_mean[form], home.belief_precision[form] = updated(
        home.belief_mean[form], home.belief_precision[form], signal, 1.0 / (w.signal_var + w.firm_quality_var)
    )
    home.last_company_row = company
    if uniform(seed, _REVIEWS, home.key, occasion) < w.review_base + w.review_per_point * surprise:
        review(firm, signal, w.rating_cap)


@kernel
def review(firm: Record, signal: float, cap: float) -> None:
    """Add a review to a firm's public rating, which remembers about ``cap`` of them."""
    firm.rating_sum += signal
    firm.rating_count += 1.0
    if firm.rating_count > cap:
        firm.rating_sum *= cap / firm.rating_count
        firm.rating_count = cap
