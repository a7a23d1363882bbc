"""Answers by programs that share no code with this book: JAX, autograd and SymPy, each from a formula of its own.

`agree` compares, and `COMPARED` counts: routine -> peer -> cases. `make mutate` keeps the counts, for the page "How
this book is checked". The arrays are odd on purpose: of no point where that is allowed, of one entry, of odd lengths;
of single and double precision; with zeros of both signs, numbers below the smallest normal one, huge ones; strided,
reversed, read-only, in Fortran's order.
"""

from collections import Counter, defaultdict
from functools import cache, partial

import autograd
import autograd.numpy as anp
import autograd.scipy.special
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import sympy
from autograd.differential_operators import make_jvp, make_vjp
from hypothesis import strategies as st

from tests.test_layers import JAX

jax.config.update("jax_enable_x64", True)

COMPARED = defaultdict(Counter)
DOUBLES = [0.0, -0.0, 5e-324, -1e-310, 1e-200, -1.0, 0.5, 3.0, -40.0, 710.0, 1e10, -1e200]
SINGLES = [0.0, -0.0, 1e-45, -1e-39, 1e-20, -1.0, 0.5, 3.0, -40.0, 89.0, 1e10, -1e30]
LAYOUTS = {
    "plain": np.array,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
    "reversed": lambda a: np.flip(np.flip(a).copy()),
    "fortran": lambda a: np.array(a, order="F"),
}


@st.composite
def odd(draw, shape, dtype=float, most=np.inf):
    """An array of a shape and dtype, with odd entries up to ``most``, in an odd layout, and read-only."""
    special = [n for n in (SINGLES if dtype == np.float32 else DOUBLES) if abs(n) <= most]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    a = np.where(rng.random(shape) < 0.3, rng.choice(special, shape), rng.standard_normal(shape)).astype(dtype)
    a = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](a)
    a.setflags(write=False)
    return a


def agree(peer, routine, got, wanted, *, times=1.0, ulps=64, within=0.0):
    """See that an answer is the peer's, and count it.

    It may differ by ``ulps`` units in the last place of the largest entry; by ``within``; and by the smallest normal
    number times ``times``, the largest cotangent, since JAX takes what lies below it for 0.
    """
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape, routine
    info, largest = np.finfo(got.dtype), float(np.max(np.abs(wanted), initial=0.0))
    allowed = within + 4 * float(info.tiny) * max(1.0, float(times)) + ulps * float(info.eps) * largest
    with np.errstate(over="ignore", invalid="ignore"):  # ∞ less ∞
        right = (got == wanted) | (np.abs(got.astype(float) - wanted) <= allowed)
    assert right.all(), f"{routine} is {got[~right]}, and {wanted[~right]} beside {peer}"
    COMPARED[routine][peer] += 1


# -- How each of them differentiates ----------------------------------------------------------------------------------


@cache
def by_jax(f):
    """(value, Jt, the cotangents) of the arguments, the others that are not differentiated, tangents, a cotangent."""

    @jax.jit
    def answers(arguments, others, tangents, v):
        y, jt = jax.jvp(lambda *a: f(*a, *others), arguments, tangents)
        return y, jt, jax.vjp(lambda *a: f(*a, *others), *arguments)[1](v)

    return answers


@cache
def by_autograd(f):
    """The same."""

    def answers(arguments, others, tangents, v):
        pull, y = make_vjp(lambda a: f(*a, *others))(arguments)
        return y, make_jvp(lambda a: f(*a, *others))(arguments)(tangents)[1], pull(v)

    return quiet(answers)


@cache
def matrices_by_jax(f, several=1):
    """The Jacobians by the first few arguments."""
    return jax.jit(jax.jacobian(f, argnums=tuple(range(several))))


@cache
def matrices_by_autograd(f, several=1):
    """The same."""
    return quiet(lambda *arguments: [autograd.jacobian(f, i)(*arguments) for i in range(several)])


def quiet(f):
    """``f`` without the warnings of its overflows."""

    def silent(*arguments):
        with np.errstate(all="ignore"):
            return f(*map(as_own, arguments))

    return silent


def as_own(given):
    """Plain, writable arrays in place of odd ones."""
    return tuple(map(as_own, given)) if isinstance(given, tuple) else np.array(given)


@cache
def by_sympy(f, *shapes):
    """A function of arrays of these shapes to the exact value and Jacobian, flat, rounded once."""
    symbols = [
        np.array(sympy.symbols(f"{'abc'[i]}:{int(np.prod(shape))}", real=True), object).reshape(shape)
        for i, shape in enumerate(shapes)
    ]
    every, values = [one for a in symbols for one in a.flat], sympy.Matrix(np.ravel(f(*symbols)).tolist())
    exact = sympy.lambdify(every, [list(values), values.jacobian(every).tolist()], "mpmath")

    def answers(*arguments):
        with mpmath.workdps(80):
            y, J = exact(*[mpmath.mpf(float(one)) for a in arguments for one in a.flat])
            return np.array([float(one) for one in y]), np.array([[float(one) for one in row] for row in J])

    return answers


# -- What they differentiate ------------------------------------------------------------------------------------------


class Symbols:
    """The functions of SymPy under NumPy's names, on arrays of symbols."""

    exp, log, sin, cos, sinh, cosh, tanh, sqrt = (
        np.frompyfunc(one, 1, 1)
        for one in (sympy.exp, sympy.log, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.sqrt)
    )
    sum, concatenate, stack = np.sum, np.concatenate, np.stack
    ramp = np.frompyfunc(lambda x, a: sympy.Piecewise((a * x, x <= 0), (x, True)), 2, 1)


def log_softmax(x):
    return x - autograd.scipy.special.logsumexp(x, axis=-1, keepdims=True)


AUTOGRAD = {
    "relu": lambda x: anp.where(x > 0, x, 0 * x),
    "leaky_relu": lambda x: anp.where(x > 0, x, 0.01 * x),
    "tanh": anp.tanh,
    "sigmoid": lambda x: anp.exp(-anp.logaddexp(0 * x, -x)),
    "softplus": lambda x: anp.logaddexp(0 * x, x),
    "softmax": lambda x: anp.exp(log_softmax(x)),
    "log_softmax": log_softmax,
    "cross_entropy": lambda x, labels: -anp.sum(log_softmax(x) * (labels[..., None] == np.arange(x.shape[-1])), -1),
    "dense": lambda x, W, b: anp.einsum("...i,oi->...o", x, W) + b,
    "conv1d": lambda x, W, b: b[:, None] + sum(
        anp.einsum("...cl,oc->...ol", x[..., k : k + x.shape[-1] - W.shape[-1] + 1], W[..., k])
        for k in range(W.shape[-1])
    ),
    "layer_norm": lambda x, g, b: g * (x - anp.mean(x, -1, keepdims=True))
    / anp.sqrt(anp.mean((x - anp.mean(x, -1, keepdims=True)) ** 2, -1, keepdims=True) + 1e-5) + b,
}  # fmt: skip
SYMPY = {
    "relu": lambda x: Symbols.ramp(x, 0),
    "leaky_relu": lambda x: Symbols.ramp(x, sympy.Rational(1, 100)),
    "tanh": Symbols.tanh,
    "sigmoid": lambda x: 1 / (1 + Symbols.exp(-x)),
    "softplus": lambda x: Symbols.log(1 + Symbols.exp(x)),
    "softmax": lambda x: Symbols.exp(x) / np.sum(Symbols.exp(x)),
    "log_softmax": lambda x: x - sympy.log(np.sum(Symbols.exp(x))),
    "cross_entropy": lambda x: sympy.log(np.sum(Symbols.exp(x))) - x[0],
    "dense": lambda x, W, b: W @ x + b,
    "conv1d": lambda x, W, b: [[b[o] + np.sum(W[o] * x[:, i : i + W.shape[-1]]) for i in range(2)] for o in range(2)],
    "layer_norm": lambda x, g, b: g * (x - np.mean(x))
    / sympy.sqrt(np.mean((x - np.mean(x)) ** 2) + sympy.Rational(1, 10**5)) + b,
}  # fmt: skip
MAPS = {
    "worked example": lambda np, x: np.stack([x[0] ** 2 + x[1], np.sin(x[0]) * x[1]]),
    "mixed": lambda np, x: np.sin(x) * np.sum(x) + x[0] ** 2,
    "roots": lambda np, x: np.sqrt(1 + x**2) / (2 + np.cos(x)),
    "powers": lambda np, x: np.concatenate([x**3, np.exp(-(x**2)), np.tanh(x) * x[::-1]]),
}
A, B = np.array([[2.0, 1.0, 0.0], [0.5, -3.0, 1.0], [0.0, 1.0, 0.25]]), np.array([1.0, 2.0, 3.0])
COORDINATES = {
    "polar": lambda np, u: np.stack([u[0] * np.cos(u[1]), u[0] * np.sin(u[1])]),
    "cylindrical": lambda np, u: np.stack([u[0] * np.cos(u[1]), u[0] * np.sin(u[1]), u[2]]),
    "spherical_physicist": lambda np, u: u[0] * np.stack(
        [np.sin(u[1]) * np.cos(u[2]), np.sin(u[1]) * np.sin(u[2]), np.cos(u[1])]
    ),
    "spherical_mathematician": lambda np, u: u[0] * np.stack(
        [np.sin(u[2]) * np.cos(u[1]), np.sin(u[2]) * np.sin(u[1]), np.cos(u[2])]
    ),
    "Elliptic": lambda np, u: 2 * np.stack([np.cosh(u[0]) * np.cos(u[1]), np.sinh(u[0]) * np.sin(u[1])]),
    "Affine": lambda np, u: np.stack([A[i, 0] * u[0] + A[i, 1] * u[1] + A[i, 2] * u[2] + B[i] for i in range(3)]),
}  # fmt: skip
WRITTEN = MAPS | COORDINATES
FORMULAS = {  # peer -> name -> formula
    "JAX": JAX | {name: partial(f, jnp) for name, f in WRITTEN.items()},
    "autograd": AUTOGRAD | {name: partial(f, anp) for name, f in WRITTEN.items()},
    "SymPy": SYMPY | {name: partial(f, Symbols) for name, f in WRITTEN.items()},
}
DIFFERENTIATED = {"JAX": by_jax, "autograd": by_autograd}
MATRICES = {"JAX": matrices_by_jax, "autograd": matrices_by_autograd}
