"""Densities through a learned map: couplings, their chain, and its training. Explained in book/flows.md.

A **state** is a point of the plane and what its maps have added up so far: x₁, x₂ and the log-determinant, shape
(..., 3). On states a coupling is a layer as any other, so `jacobians.chain.compose` chains couplings, and one pullback
carries the cotangents of the point and of the log-determinant together.
"""

from dataclasses import dataclass

import numpy as np

from jacobians.backprop import DivergedError, counted
from jacobians.chain import compose, jacobian
from jacobians.inputs import as_count, as_positive
from jacobians.layers import dense, tanh
from jacobians.moons import as_points

HELD_EVERY = 25  # steps between two looks at the held-out points
RUNAWAY = 100  # times the first loss, and a training has diverged


@dataclass(frozen=True)
class Coupling:
    """A map of the plane that keeps one coordinate, and stretches and shifts the other by what the kept one says.

    Args:
        keep: 0 or 1, the coordinate that stays.

    Its parameters are those of the network dense, tanh, dense, tanh, dense from the kept coordinate to a, the logarithm
    of the stretch, and c, the shift: W₁, b₁, W₂, b₂, W₃, b₃.

    Source: :eq:`eq-coupling` of book/flows.md; Dinh, Sohl-Dickstein and Bengio (2017).

    >>> own = [np.zeros((1, 1)), np.zeros(1)] * 2
    >>> own += [np.zeros((2, 1)), np.array([np.log(3.0), 0.5])]
    >>> z, pull = Coupling(0).pullback(np.array([1.0, 2.0, 0.0]), *own)
    >>> print(z.round(4), Coupling(0).inverse(z, *own).round(12))
    [1.     6.5    1.0986] [1. 2. 0.]
    """

    keep: int

    def stretch_and_shift(self, state, parameters):
        """a and c, shape (..., 2), and the network's pullback."""
        W1, b1, W2, b2, W3, b3 = parameters
        network = compose((dense, W1, b1), tanh, (dense, W2, b2), tanh, (dense, W3, b3))
        return network(state[..., self.keep : self.keep + 1])

    def pullback(self, state, *parameters):
        """The next state, and v ↦ the cotangents of state and parameters."""
        k, o = self.keep, 1 - self.keep
        ac, pull = self.stretch_and_shift(state, parameters)
        a, stretch, z = ac[..., 0], np.exp(ac[..., 0]), state.copy()
        z[..., o] = stretch * state[..., o] + ac[..., 1]
        z[..., 2] += a

        def back(v):
            u = v.copy()
            u[..., o] = stretch * v[..., o]
            of_a = u[..., o] * state[..., o] + v[..., 2]
            of_kept, *of_parameters = pull(np.stack([of_a, v[..., o]], axis=-1))
            u[..., k] += of_kept[..., 0]
            return u, *of_parameters

        return z, back

    def inverse(self, z, *parameters):
        """The state before: the kept coordinate tells a and c again."""
        ac, _ = self.stretch_and_shift(z, parameters)
        state, o = z.copy(), 1 - self.keep
        state[..., o] = (z[..., o] - ac[..., 1]) / np.exp(ac[..., 0])
        state[..., 2] -= ac[..., 0]
        return state


def log_normal(state):
    """The end of a flow: the log-density of x, if its image z is standard normal, and the pullback.

    Args:
        state: z₁, z₂ and the log-determinant, shape (..., 3).

    Returns:
        log p(x), shape (...), and the function from its cotangent to that of the state.

    Source: :eq:`eq-flow-density` of book/flows.md.

    >>> log_p, pull = log_normal(np.array([1.0, 2.0, 0.5]))
    >>> print(log_p.round(4), pull(np.array(1.0)))
    -3.8379 [-1. -2.  1.]
    """
    z, log_abs_det = state[..., :2], state[..., 2]
    log_p = log_abs_det - np.sum(z * z, axis=-1) / 2 - np.log(2 * np.pi)
    return log_p, lambda v: v[..., None] * np.concatenate([-z, np.ones_like(z[..., :1])], axis=-1)


@dataclass(frozen=True)
class Flow:
    """An invertible map from x to z, and the density of x that it makes of a standard normal z.

    Args:
        parameters: those of each `Coupling`, a list for each; they keep x₁ and x₂ in turn.

    Each routine takes points of shape (..., 2) as floats, lists or integers.

    Raises:
        TypeError: a point does not hold real numbers.
        ValueError: the last axis of a point has not two entries, or one is not finite; or a density is not a number.

    >>> flow = Flow(initial(couplings=4, hidden=8, seed=237))  # the identity
    >>> print(flow.forward([1.0, 2.0]), flow.log_density([1.0, 2.0]).round(4))
    (array([1., 2.]), array(0.)) -4.3379
    """

    parameters: list

    @property
    def layers(self):
        """The couplings with their parameters, for `jacobians.chain.compose`."""
        return [(Coupling(i % 2).pullback, *own) for i, own in enumerate(self.parameters)]

    def forward(self, x):
        """z, shape (..., 2), and the logarithm of the size of det ∂z/∂x, shape (...)."""
        state, _ = compose(*self.layers)(start(x))
        return state[..., :2], state[..., 2]

    def inverse(self, z):
        """The x of each z, shape (..., 2): the couplings undone, the last one first."""
        state = start(z, "z")
        for i, own in reversed(list(enumerate(self.parameters))):
            state = Coupling(i % 2).inverse(state, *own)
        return state[..., :2]

    def jacobian(self, x):
        """∂z/∂x, shape (..., 2, 2), its rows pulled back; slow, for checks and figures."""
        return jacobian(self.layers, start(x))[..., :2, :2]

    def log_density(self, x):
        """log p(x), shape (...)."""
        with np.errstate(over="ignore", invalid="ignore"):
            log_p, _ = compose(*self.layers, log_normal)(start(x))
        if np.isnan(log_p).any():
            raise ValueError("the density of a flow must be a number; got nan: are its parameters finite?")
        return log_p

    def sample(self, n, seed=237):
        """n points of the density, shape (n, 2): normal z, taken back to x."""
        return self.inverse(np.random.default_rng(seed).standard_normal((n, 2)))


def start(x, name="x"):
    """The state at the start of a flow: the points, shape (..., 2), each with a log-determinant of 0.

    >>> print(start([1, 2]))
    [1. 2. 0.]
    """
    x = as_points(x, name)
    return np.concatenate([x, np.zeros_like(x[..., :1])], axis=-1)


def initial(couplings, hidden, seed):
    """Random parameters of a flow that is the identity: the last weights of each network are 0.

    Args:
        couplings: how many.
        hidden: the entries of both hidden layers of each network.
        seed: fixes them.

    Returns:
        A list of six arrays for each coupling, for `Flow`.

    >>> [p.shape for p in initial(8, 32, 237)[0]]
    [(32, 1), (32,), (32, 32), (32,), (2, 32), (2,)]
    """
    rng = np.random.default_rng(seed)
    return [
        [2 * rng.standard_normal((hidden, 1)), rng.uniform(-3, 3, hidden),  # bends all over the range of the points
         rng.standard_normal((hidden, hidden)) / np.sqrt(hidden), np.zeros(hidden),
         np.zeros((2, hidden)), np.zeros(2)]
        for _ in range(couplings)
    ]  # fmt: skip


def log_loss_and_gradients(flow, points, end=log_normal):
    """The mean of −log p over the points, and its gradient by each parameter: one pullback.

    Args:
        flow: a `Flow`.
        points: shape (n, 2).
        end: what makes a log-density of the last state; a function to (value, pullback).

    Returns:
        A float, and a list of arrays: for all the couplings in turn, their six.

    >>> flow = Flow(initial(2, 8, 237))
    >>> loss, gradients = log_loss_and_gradients(flow, [[1.0, 2.0], [3.0, 0.0]])
    >>> print(round(loss, 4), len(gradients))
    5.3379 12
    """
    log_p, pull = compose(*flow.layers, end)(start(points, "points"))
    return -float(log_p.mean()), list(pull(np.full(log_p.shape, -1 / log_p.size))[1:])


class Adam:
    """Steps against the mean gradient of late, each entry over its own root mean square.

    Args:
        parameters: a list of arrays, which the steps change.
        keep: the parts of the mean gradient, and of the mean square, that a step keeps.

    Source: Kingma and Ba (2015), *Adam: A Method for Stochastic Optimization*, algorithm 1.

    >>> p = np.array([1.0, 1.0])
    >>> Adam([p]).step([np.array([1e-3, -1e3])], rate=0.1)
    >>> print(p.round(4))
    [0.9 1.1]
    """

    def __init__(self, parameters, keep=(0.9, 0.99)):
        self.parameters, self.keep, self.steps = parameters, keep, 0
        self.means, self.squares = ([np.zeros_like(p) for p in parameters] for _ in keep)

    def step(self, gradients, rate):
        """Change the parameters by at most about ``rate``."""
        self.steps += 1
        first, second = self.keep
        grown = [1 - k**self.steps for k in self.keep]  # the means started from 0: how much of them is there
        for p, gradient, mean, square in zip(self.parameters, gradients, self.means, self.squares, strict=True):
            mean += (1 - first) * (gradient - mean)
            square += (1 - second) * (gradient**2 - square)
            p -= rate * (mean / grown[0]) / (np.sqrt(square / grown[1]) + 1e-8)


@dataclass(frozen=True)
class Learned:
    """What a training leaves.

    Args:
        flow: the `Flow`.
        losses: the mean of −log p over the points of each step, before it.
        held: pairs of a step and the mean of −log p over the held-out points after so many steps.
    """

    flow: Flow
    losses: np.ndarray
    held: list


def train(points, held=None, *, couplings=8, hidden=32, steps=1000, batch=256, rate=0.01, seed=237, end=log_normal):
    """Fit a flow to points: make them as likely as can be, by Adam on gradients from `compose` alone.

    Args:
        points: shape (n, 2).
        held: points that are only looked at, for the curve, shape (m, 2).
        couplings, hidden: as in `initial`.
        steps: how many.
        batch: how many points a step takes, drawn with replacement.
        rate: the first step; the steps end at 0, along a cosine.
        seed: of the parameters and of the batches.
        end: as in `log_loss_and_gradients`.

    Returns:
        `Learned`.

    Raises:
        DivergedError: the loss is no number, or of a hundred times the size of the first one; it names the step.
        TypeError: ``points`` or ``held`` does not hold real numbers, or a count is no integer.
        ValueError: ``points`` or ``held`` has another shape, an entry is not finite, or there is no point; or ``rate``
            or a count is not positive.

    >>> rng = np.random.default_rng(237)
    >>> points = rng.standard_normal((500, 2)) * [1.0, 0.1]
    >>> result = train(points, couplings=2, hidden=4, steps=300)
    >>> stretch = np.exp(result.flow.forward([0.0, 0.0])[1])
    >>> print(stretch > 5)  # it has learned to stretch: the best is 10
    True
    """
    for name, count in {"couplings": couplings, "hidden": hidden, "steps": steps, "batch": batch}.items():
        as_count(count, name)
    points, rate, rng = _several(points, "points"), as_positive(rate, "rate"), np.random.default_rng([seed, 1])
    flow, losses, seen = Flow(initial(couplings, hidden, seed)), [], []
    held = held if held is None else _several(held, "held")
    adam = Adam([p for own in flow.parameters for p in own])
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is seen in the loss
        for step in counted(steps, "steps"):
            if held is not None and step % HELD_EVERY == 0:
                seen.append((step, _log_loss(flow, held, end)))
            loss, gradients = log_loss_and_gradients(flow, points[rng.integers(0, len(points), batch)], end)
            losses.append(_sure(loss, step, losses))
            adam.step(gradients, rate * (1 + np.cos(np.pi * step / steps)) / 2)
        _sure(_log_loss(flow, points, end), steps, losses)
        if held is not None:
            seen.append((steps, _log_loss(flow, held, end)))
    return Learned(flow, np.array(losses), seen)


def _log_loss(flow, points, end):
    """The mean of −log p over the points, where no gradient is asked for."""
    return -float(compose(*flow.layers, end)(start(points))[0].mean())


def _several(points, name):
    """A matrix of points, at least one."""
    points = as_points(points, name)
    if points.ndim != 2 or not len(points):
        raise ValueError(f"{name} must have shape (n, 2), with n at least 1; got {points.shape}")
    return points


def _sure(loss, step, losses):
    """The loss, if it is one still."""
    first = losses[0] if losses else loss
    if not abs(loss) < RUNAWAY * abs(first):
        raise DivergedError(step, loss, first)
    return loss
