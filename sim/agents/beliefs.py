"""What a household believes of the quality of channels and firms: quality is an experience good.

Beliefs are normal and learn by Bayes' rule from normal signals (DeGroot 1970, section 9.5). A household has a belief
about each form of firm, and one about the firm that served it last; the two of one form are held jointly, with their
covariance, since a firm is its form and a deviation: many visits to one firm make sure of that firm, and of the form
only as far as one firm can tell. Of any other firm it thinks as of its form, with the spread between firms on top, and
takes the firm's public rating for a signal, without the reviews that it has written itself. Qualities are deviations
from that of a mean worker. Who has served nobody is a blind box: a household minds not only what it expects but how
unsure it is of it.
"""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import kernel
from sim.rng import decision, uniform
from sim.state import Columns, Record, Rows

_REVIEWS = decision("belief.reviews")
_A_REVIEW_FORGOTTEN = 1e-6


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
    """Return mean and precision of a household's belief about a firm, what others say in public taken in."""
    w = weights[0]
    home = c.households[household]
    firm = c.companies[company]
    mean, precision = of_unknown_firm(home, firm.form, w.firm_quality_var)
    total, count = firm.rating_sum, firm.rating_count
    if home.last_company_row == company and home.firm_precision > 0.0:
        mean, precision = home.firm_mean, home.firm_precision
        if home.own_rating_count > 0.0:
            left = math.exp(firm.rating_discount - home.own_rating_mark)
            total -= left * home.own_rating_sum
            count -= left * home.own_rating_count
    if count > _A_REVIEW_FORGOTTEN:
        public = 1.0 / (w.signal_var / min(count, w.rating_cap) + w.rating_bias_var)
        mean, precision = updated(mean, precision, total / count, public)
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
        _meet(home, form, w.firm_quality_var)
    surprise = math.fabs(signal - home.firm_mean)
    learn_of_firm(home, form, signal, w.signal_var)
    home.last_company_row = company
    home.news, home.news_form, home.news_signal = 1, form, signal
    if uniform(seed, _REVIEWS, home.key, occasion) < w.review_base + w.review_per_point * surprise:
        _remember_review(home, firm, signal)
        review(firm, signal, w.rating_cap)


@kernel
def hear_of_last_firm(c: Columns, weights: Rows, household: int, company: int, points: float) -> None:
    """Let a household think better or worse of the firm that served it last, as after a service by so many points."""
    w = weights[0]
    home = c.households[household]
    if w.signal_var > 0.0 and home.last_company_row == company and home.firm_precision > 0.0:
        learn_of_firm(home, c.companies[company].form, home.firm_mean + points, w.signal_var)


@kernel
def learn_of_firm(home: Record, form: int, signal: float, signal_var: float) -> None:
    """Take in a signal of the quality of the firm that served last: exact for firm and form jointly."""
    form_var, firm_var, cov = 1.0 / home.belief_precision[form], 1.0 / home.firm_precision, home.firm_cov
    total = firm_var + signal_var
    surprise = signal - home.firm_mean
    home.belief_mean[form] += cov / total * surprise
    home.firm_mean += firm_var / total * surprise
    home.belief_precision[form] = 1.0 / (form_var - cov * cov / total)
    home.firm_precision = 1.0 / firm_var + 1.0 / signal_var
    home.firm_cov = cov * signal_var / total


@kernel
def learn_of_form(home: Record, form: int, signal: float, signal_var: float, same_form: bool) -> None:
    """Take in a signal of a form's quality; the firm that served last moves with it where it is of that form."""
    form_var = 1.0 / home.belief_precision[form]
    total = form_var + signal_var
    surprise = signal - home.belief_mean[form]
    home.belief_mean[form] += form_var / total * surprise
    home.belief_precision[form] = 1.0 / form_var + 1.0 / signal_var
    if same_form and home.firm_precision > 0.0:
        cov = home.firm_cov
        home.firm_mean += cov / total * surprise
        home.firm_precision = 1.0 / (1.0 / home.firm_precision - cov * cov / total)
        home.firm_cov = cov * signal_var / total


@kernel
def _meet(home: Record, form: int, firm_quality_var: float) -> None:
    """Let a firm take the place of the one that served before: known by its form alone."""
    home.firm_mean, home.firm_precision = of_unknown_firm(home, form, firm_quality_var)
    home.firm_cov = 1.0 / home.belief_precision[form]
    home.own_rating_sum = home.own_rating_count = 0.0


@kernel
def _remember_review(home: Record, firm: Record, signal: float) -> None:
    """Add to a household's own part of a firm's rating, at the weight that it has there now."""
    left = 0.0
    if home.own_rating_count > 0.0:
        left = math.exp(firm.rating_discount - home.own_rating_mark)
    home.own_rating_sum = left * home.own_rating_sum + signal
    home.own_rating_count = left * home.own_rating_count + 1.0
    home.own_rating_mark = firm.rating_discount


@kernel
def review(firm: Record, signal: float, cap: float) -> None:
    """Add a review to a firm's public rating, which remembers about ``cap`` of them."""
    firm.rating_sum += signal
    firm.rating_count += 1.0
    if firm.rating_count > cap:
        firm.rating_sum *= cap / firm.rating_count
        firm.rating_discount += math.log(cap / firm.rating_count)
        firm.rating_count = cap
