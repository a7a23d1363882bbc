"""A derivative that finds its own step, and says how far it can be trusted. Explained in book/differences.md.

Central differences on a ladder of shrinking steps are extrapolated to the step 0 (Richardson; Neville's table). Each
candidate in the table has an estimate of its error, and the best is taken, entry by entry. A module of its own, because
it is about trust; its neighbours compute what they are told to.
"""

from dataclasses import dataclass

import numpy as np

from jacobians.evaluation import Evaluator, all_finite
from jacobians.inputs import as_floats

FIRST, RATIO = 0.15, 1.9  # the first step, of |x| (of 1 at x = 0), and the next; a ratio of 2 hits periods of f
TINY = np.finfo(float).tiny  # below it numbers lose digits, and the last rungs would be 0: taken for x = 0
RUNGS, ROUNDS, ORDERS = 7, 6, 6  # steps at a time, how many times, and how many orders are extrapolated away
NEIGHBOURS = 3  # a candidate must look as good, so many rungs on, as it does itself
ENOUGH, FAIR = 1e-11, 1e-2  # errors relative to the column: stop at once; stop where smaller steps are seen not to help


@dataclass(frozen=True, eq=False)
class Estimate:
    """A Jacobian, and how far it can be trusted.

    Args:
        J: the Jacobian, shape (m, n).
        error: the estimated absolute error of each entry, shape (m, n); infinite where no step made sense.
        points: how many points f was evaluated at.
    """

    J: np.ndarray
    error: np.ndarray
    points: int


@dataclass
class Ladder:
    """What was found on the rungs so far, the first axis: for b columns of J.

    Args:
        h: the steps, shape (k, b).
        D: the central differences, shape (k, m, b).
        size: the larger of the two values that made D.
        bend: half the difference between the slopes to the right and to the left; it shrinks with h if f is smooth.
    """

    h: np.ndarray
    D: np.ndarray
    size: np.ndarray
    bend: np.ndarray

    def joined(self, other, keep=slice(None)):
        """This ladder, less some columns, and the rungs below it."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Ladder(*(np.concatenate([above[..., keep], below]) for above, below in pairs))


def richardson(f, x, step=None, vectorized=None, max_bytes=2**26):
    """The Jacobian of f at x with an estimate of each entry's error; called by `jacobians.differences.jacobian`.

    Args:
        f: a function of a point, shape (n,), to a value, shape (m,).
        x: the point, shape (n,), floats.
        step: the first and largest step, one number or shape (n,); None: ``0.15 |x_j|``, and 0.15 at 0. It shrinks
            until the estimate is good or stops falling, to no less than 4e-12 of that.
        vectorized: whether f takes many points at once, as columns.
        max_bytes: how much memory a block of points may take.

    Returns:
        An `Estimate`. f is evaluated at x, at 14 points for each component, and at 14 more each time that is not
        enough.

    Raises:
        TypeError, ValueError: as in `jacobians.differences.jacobian`.

    Source: Ridders (1982), Accurate computation of F′(x); the estimate is ours: the largest change of a candidate from
    its neighbours in the table, on its own rung and on the next three, the rounding of f, and its bend where that does
    not shrink.

    >>> result = richardson(lambda x: np.sin(x / 1e-6), np.array([1.3e-6]))
    >>> sure = result.error < 1e-12 * result.J
    >>> print(f"J = {result.J[0, 0]:.4f}, {result.points} points, "
    ...       f"sure to 1e-12: {sure}")
    J = 267498.8286, 15 points, sure to 1e-12: [[ True]]
    """
    call = Evaluator(f, vectorized)
    y = all_finite(call.value(x.copy()).astype(float))  # a copy: f may hand out one buffer again and again
    largest = FIRST * np.where(np.abs(x) < TINY, 1.0, np.abs(x)) if step is None else _first_steps(step, x)
    width = max(1, int(max_bytes) // (16 * RUNGS * 8 * (len(x) + len(y))))
    J, error = np.empty((2, len(y), len(x)))
    with np.errstate(all="ignore"):  # a first step may well leave the domain of f
        for j in range(0, len(x), width):
            columns = np.arange(j, min(j + width, len(x)))
            for chosen, value, estimate in _descent(call, x, y[:, None], largest, columns):
                J[:, chosen], error[:, chosen] = value, estimate
    return Estimate(all_finite(J), error, call.points)


def _first_steps(step, x):
    """The steps that a user gave, checked."""
    h = as_floats(step, "step")
    if h.shape not in ((), x.shape) or not (h > 0).all():
        raise ValueError(f"step must be positive, one number or of shape {x.shape}; got {h}")
    return np.broadcast_to(h, x.shape)


def _descent(call, x, y, largest, columns):
    """Yield (columns, J, error) after each round, for the columns that are not yet done."""
    ladder = keep = None
    for start in range(0, RUNGS * ROUNDS, RUNGS):
        lower = _rungs(call, x, y, largest, columns, start)
        ladder = lower if ladder is None else ladder.joined(lower, keep)
        eps = float(np.finfo(call.dtype).eps) if call.dtype.kind == "f" else 2.0**-52
        J, error, rung, noise = choose(ladder, x[columns], eps)
        yield columns, J, error
        scale = np.fmax.reduce(np.abs(J))
        settled = (rung <= len(ladder.h) - 4) & ((error <= FAIR * scale) | (error <= 32 * noise))
        keep = ~((error <= ENOUGH * scale) | settled).all(axis=0)
        columns = columns[keep]
        if not len(columns):
            return


def _rungs(call, x, y, largest, columns, start):
    """The `Ladder` of the next steps of some columns."""
    h = largest[columns] * RATIO ** -np.arange(start, start + RUNGS)[:, None]
    right, left = x[columns] + h, x[columns] - h
    points = np.empty((2 * h.size, len(x)))
    points[:] = x
    points[np.arange(2 * h.size), np.tile(columns, 2 * RUNGS)] = np.concatenate([right, left]).ravel()
    values = call(np.ascontiguousarray(points.T) if call.vectorized else points)
    f_right, f_left = values.astype(float).reshape(len(y), 2, RUNGS, -1).transpose(1, 2, 0, 3)
    distance = (right - left)[:, None, :]
    size = np.maximum(np.abs(f_right), np.abs(f_left))
    bend = np.abs((f_right - y) + (f_left - y)) / distance
    return Ladder(distance[:, 0] / 2, (f_right - f_left) / distance, size, bend)


def choose(ladder, x, eps=2.0**-52):
    """The best candidate of each entry: its value, its estimated error, its rung, and the rounding of f there.

    A difference that is exactly 0, below one that is not, has lost all its digits, and makes no candidate. A candidate
    from which the last differences stay away is wrong by as much. Where they jump about, by more than rounding does,
    nothing is sure.
    """
    h, D, bend = ladder.h[:, None, :], ladder.D, ladder.bend
    lost = (D == 0) & (ladder.size > 0) & (np.maximum.accumulate(np.abs(D)) > 0)
    rounding = eps * (ladder.size + np.abs(x * D)) / h
    kink = np.where(np.concatenate([bend[1:] > 0.75 * bend[:-1], bend[-1:] > 0.75 * bend[-2:-1]]), bend, 0)
    jumps = np.where(lost[-1], np.inf, np.maximum(np.abs(np.diff(D[-4:], axis=0)).max(axis=0), 10 * rounding[-1]))
    table = np.where(lost, np.nan, D)
    best = [D[-1], np.inf, 0, rounding[0]]
    for order in range(1, ORDERS + 1):
        above, ratio = table, (h[:-order] / h[order:]) ** 2
        table = above[1:] + (above[1:] - above[:-1]) / (ratio - 1)
        away = np.abs(table - D[-1])
        error = np.maximum(_change(table, above), np.where(away > 3 * jumps, away, kink[order:])) + rounding[order:]
        error[~(np.isfinite(table) & np.isfinite(error))] = np.inf
        rung = error.argmin(axis=0)
        found = [np.take_along_axis(a, rung[None], 0)[0] for a in (table, error, rounding[order:])]
        found.insert(2, rung + order)
        best = [np.where(found[1] < best[1], a, b) for a, b in zip(found, best, strict=True)]
    J, error, rung, noise = best
    size = np.abs(D[-RUNGS:])
    restless = (size[1:] > size[:-1]).any(axis=0) & (np.abs(D[-1] - D[-2]) > 0.1 * size[-1])
    restless &= size[-1] > 100 * rounding[-1]
    return J, np.where(restless & (error > 0.1 * np.abs(J)), np.inf, error), rung, noise


def _change(table, above):
    """How far each candidate lies from its neighbours: one order lower, a rung up, and the same some rungs on."""
    change = np.full_like(table, np.inf)
    change[1:] = np.abs(table[1:] - table[:-1])
    largest = np.maximum(change, np.abs(table - above[1:]))
    for k in range(1, min(NEIGHBOURS, len(table) - 1) + 1):
        largest[:-k] = np.fmax(largest[:-k], change[k:] / RATIO**k)
        largest[-k] *= 2.0 ** (NEIGHBOURS + 1 - k)  # there is less below to confirm it
    return largest
