"""A Gaussian process that stands for a run's value as a function of the parameters, with what it does not know.

Prior covariance between two points x and x' of the unit cube (Rasmussen and Williams 2006, chapters 2 and 5):

    constant + linear * (x - 1/2).(x' - 1/2) + curved * exp(-1/2 sum_k ((x_k - x'_k) / length_k)^2)

The second term is a linear regression whose coefficients have been integrated out; the third is what a plane misses,
with a length for each parameter. An observation is the mean of a point's replications and has a noise of its own, which
is estimated with the lengths and sizes by the largest marginal likelihood. Values left out one at a time (5.12 there)
say whether the variances are honest; where they are too small all are made larger.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONSTANT = 10.0
"""Prior variance of the mean, in variances of the data: as good as unknown."""
BOUNDS = {"linear": (1e-4, 30.0), "curved": (1e-4, 10.0), "noise": (1e-6, 2.0), "length": (0.25, 30.0)}
"""Where the sizes are searched, in variances of the data; lengths in widths of the cube."""
JITTER = 1e-9


@dataclass(frozen=True)
class Emulator:
    """A fitted emulator of one target.

    Attributes:
        at: Points that it has seen, a row each.
        lengths: Length by parameter, widths of the cube.
        linear, curved: Sizes of the two terms, in variances of the data.
        noise: Variance of an observation's noise, in variances of the data.
        centre, spread: Mean and standard deviation of the data.
        factor: Inverse of the data's covariance.
        weights: That inverse times the data.
        inflation: What variances are multiplied by so that left-out values are covered.
        r2: Share of the variance of left-out values that is foretold.
        worst: Largest standardised error of a left-out value, after inflation.
    """

    at: Floats
    lengths: Floats
    linear: float
    curved: float
    noise: float
    centre: float
    spread: float
    factor: Floats
    weights: Floats
    inflation: float
    r2: float
    worst: float

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance of the value without noise at points of the unit cube, a row each."""
        cross = _covariance(points, self.at, self.lengths, self.linear, self.curved)
        mean = self.centre + self.spread * (cross @ self.weights)
        own = CONSTANT + self.linear * ((points - 0.5) ** 2).sum(axis=1) + self.curved
        left = own - ((cross @ self.factor) * cross).sum(axis=1)
        return mean, np.maximum(left, 0.0) * self.spread**2 * self.inflation


def fit(points: Floats, values: Floats) -> Emulator:
    """Fit an emulator to values at points of the unit cube, a row each."""
    from scipy.optimize import minimize

    centre, spread = float(values.mean()), float(values.std())
    if spread == 0.0:
        spread = 1.0  # a value that never varies is emulated by itself
    scaled = (values - centre) / spread
    dimensions = points.shape[1]
    names = ("linear", "curved", "noise", *("length",) * dimensions)
    bounds = [tuple(math.log(end) for end in BOUNDS[name]) for name in names]
    start = np.log([1.0, 0.3, 0.1, *(2.0,) * dimensions])
    squares = _squares(points)
    found = minimize(
        _likelihood, start, args=(points, squares, scaled), jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": 100},
    )  # fmt: skip
    linear, curved, noise, *lengths = np.exp(found.x)
    return _emulator(points, scaled, (centre, spread), np.array(lengths), (linear, curved, noise))


def _emulator(
    points: Floats,
    scaled: Floats,
    scale: tuple[float, float],
    lengths: Floats,
    sizes: tuple[float, float, float],
) -> Emulator:
    linear, curved, noise = map(float, sizes)
    covariance = _covariance(points, points, lengths, linear, curved)
    factor = np.linalg.inv(covariance + (noise + JITTER) * np.eye(len(points)))
    weights = factor @ scaled
    errors, variances = weights / np.diag(factor), 1.0 / np.diag(factor)
    standard = errors**2 / variances
    inflation = max(1.0, float(standard.mean()))
    total = float((scaled**2).sum())
    return Emulator(
        points, lengths, linear, curved, noise, scale[0], scale[1], np.asarray(factor, np.float64), weights, inflation,
        1.0 - float((errors**2).sum()) / total if total > 0.0 else 1.0,
        math.sqrt(float(standard.max()) / inflation),
    )  # fmt: skip


def _squares(points: Floats) -> Floats:
    """Return the squared differences of all pairs, by parameter."""
    found: Floats = ((points[:, None, :] - points[None, :, :]) ** 2).transpose(2, 0, 1)
    return found


def _covariance(one: Floats, other: Floats, lengths: Floats, linear: float, curved: float) -> Floats:
    a, b = one / lengths, other / lengths
    apart = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2.0 * (a @ b.T)
    bent = curved * np.exp(-0.5 * np.maximum(apart, 0.0))
    found: Floats = CONSTANT + linear * ((one - 0.5) @ (other - 0.5).T) + bent
    return found


def _likelihood(logs: Floats, points: Floats, squares: Floats, values: Floats) -> tuple[float, Floats]:
    """Return minus the log of the marginal likelihood, and its gradient by the logarithms of the sizes."""
    linear, curved, noise, *rest = np.exp(logs)
    lengths = np.array(rest)
    plane = linear * ((points - 0.5) @ (points - 0.5).T)
    bent = curved * np.exp(-0.5 * np.einsum("kij,k->ij", squares, lengths**-2))
    covariance = CONSTANT + plane + bent + (noise + JITTER) * np.eye(len(points))
    lower = np.linalg.cholesky(covariance)
    inverse = np.linalg.inv(covariance)
    weights = inverse @ values
    value = 0.5 * values @ weights + np.log(np.diag(lower)).sum()
    outer = np.outer(weights, weights) - inverse
    by_size = [np.sum(outer * plane), np.sum(outer * bent), noise * np.trace(outer)]
    by_length = np.einsum("ij,ij,kij->k", outer, bent, squares) * lengths**-2
    gradient: Any = -0.5 * np.concatenate([by_size, by_length])
    return float(value), gradient
