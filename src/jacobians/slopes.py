"""How steep is f along a direction? The independent judge of the checks, which knows f by its values alone.

A central difference has two errors: that of the formula falls with the step, that of rounding grows. Nobody knows the
scale of f beforehand, so a ladder of steps is tried, each an eighth of the one before. Where three neighbours agree
best, the difference is taken, and their disagreement is its error. A second difference that does not fall with the step
shows a corner of f nearby, and such a step is not trusted. `jacobians.checks` is the user of this module.
"""

import warnings
from dataclasses import dataclass

import numpy as np

RATIO = 8  # of neighbouring steps: a power of two, so that each step is exact
MOST = 32  # entries that get a direction of their own
RANDOM = 4  # directions besides


@dataclass(frozen=True)
class Slope:
    """The derivative of each value of f along a direction: ``value`` ± ``error``, and its ``jump`` at a corner of f.

    All have shape (m,). The jump is the slope on the right less the slope on the left, and 0 where f is smooth.
    """

    value: np.ndarray
    error: np.ndarray
    jump: np.ndarray


def slope(f, x, t):
    """The `Slope` of ``f`` at ``x`` along ``t``.

    Steps at which ``f`` raises, or is not finite, are left out. Where one side is left out always, as at the edge of
    the domain of ``f``, one-sided differences are taken.

    Args:
        f: a function of an array of the shape of ``x`` to an array.
        x: the point, of any shape and any floating type, which ``f`` is given.
        t: the direction, of the shape of ``x``.

    Raises:
        ValueError: ``f`` has no finite value near ``x`` on either side.

    >>> s = slope(np.sin, np.array([0.0]), np.array([1.0]))
    >>> print(s.value.round(9), s.error < 1e-6)
    [1.] [ True]
    """
    at = values(f, x)
    precision = max(np.finfo(x.dtype).eps, np.finfo(at.dtype).eps)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for differences in (central, one_sided, _backward):
            rungs = [rung for h in steps(x, t, precision) if (rung := differences(f, x, t, h, at)) is not None]
            if len(rungs) >= 4:
                return judged(*map(np.array, zip(*rungs, strict=True)), precision)
    raise ValueError(f"f must be finite near x; got no finite value at {np.array2string(x, threshold=6)} ± a step")


def values(f, x):
    """f(x) as a flat array of floats; ``f`` is given a copy."""
    y = np.asarray(f(x.copy()))
    return np.ravel(y if y.dtype.kind == "f" else y.astype(float))


def steps(x, t, precision):
    """The ladder: powers of 1/8, from the scale of x along t down to rounding, and again below its smallest entry."""
    depth = max(4, round(-0.8 * np.log(precision) / np.log(RATIO)))
    moving = (t != 0) & (x != 0)
    scales = np.abs(x[moving].astype(float) / t[moving])
    top, low = (int(np.floor(np.log(s) / np.log(RATIO))) for s in (max(1, *scales, 1), min(1, *scales, 1)))
    rungs = {*range(top - depth, top), *range(low - 2 * depth // 3, low)}
    return [float(RATIO) ** k for k in sorted(rungs, reverse=True)]


def _value(f, x, t, h, at):
    """f(x + ht), or None where it raises, is not finite or not of the shape of ``at``, or where no entry of x moves."""
    moved = (x + h * t).astype(x.dtype)
    if (moved == x).all():
        return None
    try:
        y = values(f, moved)
    except (ArithmeticError, ValueError):
        return None
    return y.astype(float) if y.shape == at.shape and np.isfinite(y).all() else None


def central(f, x, t, h, at):
    """A rung: the step, the slope, the slope's change from left to right, and the size of what was subtracted."""
    right, left = (x + h * t).astype(x.dtype).astype(float), (x - h * t).astype(x.dtype).astype(float)
    width = np.vdot(right - left, t) / np.vdot(t, t) if np.count_nonzero(t) == 1 else 2 * h
    plus, minus = (_value(f, x, t, step, at) for step in (h, -h))
    if plus is None or minus is None:
        return None
    slope = (plus - minus) / width
    size = abs(plus) + abs(minus) + abs(slope) * (np.count_nonzero(t) > 1)  # x + ht is rounded in many entries
    return np.full(at.size, width / 2), slope, (plus - 2 * at + minus) / h, size


def one_sided(f, x, t, h, at, side=1):
    """A rung of differences to one side: ``side`` 1 or −1."""
    one, two = (_value(f, x, t, side * step, at) for step in (h, 2 * h))
    if one is None or two is None:
        return None
    return np.full(at.size, h), side * (4 * one - 3 * at - two) / (2 * h), 0 * at, abs(at) + abs(one) + abs(two)


def _backward(f, x, t, h, at):
    return one_sided(f, x, t, h, at, side=-1)


def judged(h, D, turn, size, precision):
    """The `Slope` from a ladder, an array of shape (steps, m) for each part of its rungs."""
    gap, bend = np.abs(np.diff(D, axis=0)), np.abs(turn)
    noise = 2 * np.sort((gap * h[1:])[-5:], axis=0)[1]
    floor = (precision * size + noise) / h
    bend = np.where(bend[1:] > bend[:-1] / 2, bend[1:], 0)  # a smooth f has an eighth of it at the next step
    error = (np.maximum(gap[:-1], gap[1:]) + bend[:-1] + floor[1:-1]).clip(np.finfo(float).tiny)
    trusted = error < np.abs(D[1:-1]) / 100
    score = np.where(trusted, error / np.maximum(np.abs(D[1:-1]), np.finfo(float).tiny), 1 + error / error.max(axis=0))
    best, each = score.argmin(axis=0), np.arange(D.shape[1])
    return Slope(D[1:-1][best, each], error[best, each], _jump(D, turn, floor))


def _jump(D, turn, floor):
    """The change of slope at a corner: the second difference over h, if it is constant down to where noise hides it."""
    size = np.abs(turn)
    seen, jump = size > 100 * floor, np.zeros(D.shape[1])
    for i in np.flatnonzero(seen.sum(axis=0) >= 4):
        *_, a, b, c, d = np.flatnonzero(seen[:, i])
        last = size[[a, b, c, d], i]
        hidden = d + 1 == len(turn) or 100 * floor[d + 1, i] > last[-1] / 2
        if hidden and np.ptp(last) < 0.2 * last.max() and last[-1] > 1e-3 * np.abs(D[d, i]):
            jump[i] = turn[d, i]
    return jump


@dataclass(frozen=True)
class Measured:
    """What f alone says: its value at x, and its slopes ± errors along tangents, shape (m, k) for k of them."""

    f: object
    x: np.ndarray
    y: np.ndarray
    tangents: np.ndarray
    slopes: np.ndarray
    errors: np.ndarray
    jumps: np.ndarray

    @property
    def precision(self):
        """The ϵ of x or of f(x), whichever is coarser."""
        return max(np.finfo(a.dtype).eps for a in (self.x, self.y))

    @property
    def tolerances(self):
        """How far a claim may be from each slope."""
        size = np.abs(self.slopes)
        beside = np.minimum(size.max(axis=0, keepdims=True), size.max(axis=1, keepdims=True))
        return 8 * self.errors + np.sqrt(self.precision) * (size + beside)


def measured(f, x, tangents):
    """The slopes of ``f`` at ``x`` along ``tangents``, shape (k, n), a row each.

    >>> print(measured(np.sin, np.array([0.0, 1.0]), np.eye(2)).slopes.round(4))
    [[1.     0.    ]
     [0.     0.5403]]
    """
    y = np.asarray(f(x.copy()))
    y = y if y.dtype.kind == "f" else y.astype(float)
    if not np.isfinite(y).all():
        raise ValueError(f"f(x) must be finite; got {y[~np.isfinite(y)][0]}")
    found = [slope(f, x, t.reshape(x.shape)) for t in tangents]
    parts = (np.stack([getattr(s, part) for s in found], axis=1) for part in ("value", "error", "jump"))
    return Measured(f, x, y, tangents, *parts)


def directions(x, seed):
    """Directions for an array like ``x``, flat, a row each: one-hot for the first entries, and random for all.

    A random one takes each entry in its own scale, so that none drowns among larger ones; every second one takes
    entries below 1 in the scale 1.
    """
    rng = np.random.default_rng(seed)
    size = np.abs(np.ravel(x)).astype(float)
    scales = np.where(size == 0, 1, np.where(np.arange(RANDOM)[:, None] % 2, size, np.maximum(size, 1)))
    random = rng.uniform(0.5, 1, (RANDOM, x.size)) * rng.choice([-1, 1], (RANDOM, x.size))
    return np.vstack([np.eye(min(x.size, MOST), x.size), random * scales])


def remainder_order(f, x, t, Jt):
    """The power of h with which f(x + ht) − f(x) − h·Jt falls, for an f with one value: 2 for the right Jt, or 1.

    >>> x, t = np.array([1.0]), np.array([1.0])
    >>> print(round(remainder_order(np.exp, x, t, np.e), 2))
    2.0
    """
    scale = max(1.0, float(np.max(np.abs(np.ravel(x)) * (np.ravel(t) != 0))))
    at, remainders = values(f, x), []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for h in (scale * 2.0**-12, scale * 2.0**-9):
            y = _value(f, x, t.reshape(x.shape), h, at)
            remainders.append(np.nan if y is None else np.abs(y - at - h * Jt).max())
        return np.log2(remainders[1] / remainders[0]) / 3
