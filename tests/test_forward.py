"""Dual numbers: exact where the answer is exact, right where it is not, and clear where there is none."""

import itertools
import math
import operator
from fractions import Fraction

import jax
import jax.numpy as jnp
import jax.scipy.special
import numpy as np
import pytest
import scipy.special
import sympy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jacobians import figures
from jacobians.duals.functions import known
from jacobians.duals.rules import BINARY, UNARY
from jacobians.duals.tangents import Terms, dense, units
from jacobians.figures.forward import POINT, TANGENT, TIMES
from jacobians.forward import jacobian_forward, jvp
from jacobians.jacobian import f_vec, jacobian_analytical, jacobian_numerical
from jacobians.polar import polar_jacobian, polar_to_cartesian
from jacobians.vjp import relu, relu_jacobian, relu_vjp

RNG = np.random.default_rng(237)
W, A = RNG.standard_normal((5, 4)), RNG.standard_normal((4, 4)) + 4 * np.eye(4)
B = RNG.standard_normal((2, 4, 4))
S = B + 4 * np.eye(4)
finite = st.floats(-3, 3, allow_subnormal=False)
points = arrays(float, st.integers(1, 6), elements=finite)


def by_jax(f, x):
    with jax.enable_x64(True):
        return np.asarray(jax.jacfwd(f)(jnp.asarray(x)))


# -- The theorem ------------------------------------------------------------------------------------------------------


def test_the_jacobian_of_the_worked_example_is_that_by_hand_to_the_last_bit():
    x = np.array([1.5, 2.0])
    np.testing.assert_array_equal(jacobian_forward(f_vec, x), jacobian_analytical(x))


@given(arrays(float, 2, elements=finite))
def test_duals_meet_the_hand_derivation_everywhere(x):
    np.testing.assert_array_equal(jacobian_forward(f_vec, x), jacobian_analytical(x))


def test_duals_are_closer_to_sympy_than_central_differences_are():
    x, y = sympy.symbols("x y")
    point, names = [1.5, 2.0], (x, y)
    exact = np.array(
        sympy.Matrix([x**2 + y, y * sympy.sin(x)]).jacobian(names).evalf(30, subs=dict(zip(names, point, strict=True))),
        float,
    )
    assert np.abs(jacobian_forward(f_vec, point) - exact).max() < 1e-15
    assert np.abs(jacobian_numerical(f_vec, point) - exact).max() > 1e-12


@given(points, st.data())
def test_a_jvp_is_the_jacobian_times_the_tangent(x, data):
    t = data.draw(arrays(float, x.shape, elements=finite))

    def f(x):
        return np.sin(x) * np.sum(x) + x[0]

    np.testing.assert_allclose(jvp(f, x, t)[1], jacobian_forward(f, x) @ t, rtol=1e-12, atol=1e-12)


def test_one_hot_tangents_give_the_columns_together_and_alone():
    x = np.array([1.5, 2.0])
    value, J = jvp(f_vec, x, np.eye(2))
    np.testing.assert_array_equal(value, f_vec(x))
    for j, t in enumerate(np.eye(2)):
        np.testing.assert_array_equal(jvp(f_vec, x, t)[1], J[:, j])


def test_a_whole_jacobian_is_one_evaluation():
    calls = []
    jacobian_forward(lambda x: calls.append(x) or x**2, np.ones(50))
    assert len(calls) == 1


def test_the_routines_of_the_book_are_differentiable_by_duals():
    x = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(jacobian_forward(relu, x), relu_jacobian(x))
    np.testing.assert_array_equal(jacobian_forward(lambda v: relu_vjp(x, v), x), relu_jacobian(x))
    polar = jacobian_forward(lambda p: polar_to_cartesian(*p), [2.0, 0.5])
    np.testing.assert_array_equal(polar, polar_jacobian(2.0, 0.5))


def test_f_vec_still_refuses_a_dual_of_the_wrong_shape():
    with pytest.raises(ValueError, match=r"xy must have shape \(2,\); got \(3,\)"):
        jvp(f_vec, [1.0, 2.0, 3.0], [1.0, 0.0, 0.0])


def test_the_jacobian_of_a_jacobian_is_symmetric_in_its_two_inputs():
    second = jvp(jacobian_analytical, [1.5, 2.0], np.eye(2))[1]
    assert second.shape == (2, 2, 2)
    np.testing.assert_array_equal(second, np.swapaxes(second, 1, 2))


# -- The rules --------------------------------------------------------------------------------------------------------

POINTS = {
    "arccosh": [1.5, 3.0],
    "arctanh": [-0.5, 0.3],
    "logit": [0.2, 0.9],
    "arcsin": [-0.5, 0.3],
    "arccos": [-0.5, 0.3],
}


def peer(ufunc):
    """JAX's function of the same name."""
    return getattr(jnp, ufunc.__name__, None) or getattr(jax.scipy.special, ufunc.__name__)


@pytest.mark.parametrize("ufunc", [u for u in UNARY if u not in {scipy.special.log_expit}], ids=lambda u: u.__name__)
def test_each_rule_of_one_number_agrees_with_jax(ufunc):
    x = np.array(POINTS.get(ufunc.__name__, [0.4, 1.3]))
    np.testing.assert_allclose(jacobian_forward(ufunc, x), by_jax(peer(ufunc), x), rtol=1e-13)


def test_log_expit_has_the_slope_of_its_definition():
    x = np.array([-800.0, 0.0, 3.0])
    np.testing.assert_allclose(np.diag(jacobian_forward(scipy.special.log_expit, x)), scipy.special.expit(-x))


@pytest.mark.parametrize("ufunc", BINARY, ids=lambda u: u.__name__)
def test_each_rule_of_two_numbers_agrees_with_jax(ufunc):
    x = np.array([3.7, 1.4])
    np.testing.assert_allclose(
        jacobian_forward(lambda x: ufunc(x[0], x[1]), x), by_jax(lambda x: peer(ufunc)(x[0], x[1]), x), rtol=1e-13
    )


# Each function of an array, written once for NumPy (with dual numbers) and for JAX; x has 4 entries, and as Terms 60
# or 160: only of so many do sums of several entries stay Terms.
FUNCTIONS = {
    "slices": lambda np, x: x[1:] * x[:-1] - x[::2].sum(),
    "an entry times the rest": lambda np, x: x[0] * x[1:] + x[-1],
    "boolean index": lambda np, x: x[np.array([True, False, True, True] * (len(x) // 4))] ** 3,
    "fancy index": lambda np, x: x[np.array([0, 0, 2])] * x[1],
    "new axes": lambda np, x: x[:, None] * x[None, :3],
    "ellipsis": lambda np, x: x[..., None] ** 2,
    "matrix @ vector": lambda np, x: W @ x[:4],
    "vector @ matrix": lambda np, x: x[:4] @ A,
    "vector @ vector": lambda np, x: x @ np.cos(x),
    "constant @ vector": lambda np, x: W[0] @ x[:4],
    "vector @ constant": lambda np, x: x[:4] @ W[0],
    "matrix @ one entry": lambda np, x: W[:, :1] @ x[:1],
    "matrix @ entries taken twice": lambda np, x: W @ x[np.array([0, 0, 1, 2])],
    "matrix @ multiples": lambda np, x: W @ (x[:4] * np.arange(1.0, 5.0)),
    "matrix @ differences": lambda np, x: np.tri(len(x) - 1, dtype=float) @ (x[1:] - 2 * x[:-1]),
    "stacked matrices @ vector": lambda np, x: B @ x[:4],
    "vector @ stacked matrices": lambda np, x: x[:4] @ B,
    "matrix @ matrix": lambda np, x: x[:4].reshape(2, 2) @ x[:4].reshape(2, 2),
    "matrix @ constant": lambda np, x: x[:4].reshape(1, 4) @ A,
    "constant @ matrix": lambda np, x: A @ x[:4].reshape(4, 1),
    "stacked matrices @ matrix": lambda np, x: B @ np.outer(x[:4], x[:4]),
    "matrix @ stacked matrices": lambda np, x: np.outer(x[:4], x[:4]) @ B,
    "tanh layer": lambda np, x: np.tanh(W @ x[:4] + W[:, 0]),
    "dot": lambda np, x: np.dot(A, x[:4]) * np.dot(x, x) * np.dot(2.0, x[0]),
    "inner": lambda np, x: np.inner(A, x[:4]),
    "vdot": lambda np, x: np.vdot(x, x),
    "outer": lambda np, x: np.outer(x[:4], np.sin(x[:4])),
    "tensordot of two": lambda np, x: np.tensordot(np.outer(x[:4], x[:4]), x[:4] ** 2, 1) * np.tensordot(x, x, 1),
    "tensordot of all": lambda np, x: np.tensordot(np.outer(x[:4], x[:4]), A, axes=([0, 1], [1, 0])),
    "correlate": lambda np, x: np.correlate(x, x[:2], "valid") + np.correlate(x, x[1:3] ** 2, mode="valid"),
    "kron": lambda np, x: np.kron(x[:2], x[1:3]),
    "tensordot": lambda np, x: np.tensordot(A, x[:4], axes=1),
    "convolve": lambda np, x: np.convolve(x, np.array([1.0, -2.0, 1.0])),
    "convolve, mode by name": lambda np, x: np.convolve(x, x[:2] ** 2, mode="same"),
    "cross": lambda np, x: np.cross(x[:3], np.array([1.0, 2.0, 3.0])),
    "einsum, product": lambda np, x: np.einsum("ij,j,j->i", W, x[:4], x[:4]),
    "einsum, implicit": lambda np, x: np.einsum("ij,j", W, x[:4]),
    "einsum, ellipsis": lambda np, x: np.einsum("...ij,j->...i", B, x[:4]),
    "sum": lambda np, x: np.sum(x**2),
    "sum of neighbours": lambda np, x: np.sum((x[1:] + 3 * x[:-1]) * np.arange(1.0, len(x))),
    "sum of zeros": lambda np, x: np.sum(np.zeros_like(x)) + x[0],
    "sum of an axis": lambda np, x: np.sum(np.outer(x[:4], x[:4]), axis=0),
    "sum, keepdims": lambda np, x: np.outer(x[:4], x[:4]).sum(axis=1, keepdims=True),
    "sum of two axes": lambda np, x: np.sum(x[:4].reshape(2, 2) ** 2, axis=(0, 1)),
    "mean": lambda np, x: x * np.mean(x),
    "mean of an axis": lambda np, x: np.mean(np.outer(x[:4], x[:4]), axis=-1),
    "var": lambda np, x: np.var(x),
    "std": lambda np, x: np.std(x, ddof=1),
    "std of an axis": lambda np, x: np.std(np.outer(x[:4], x[:4] ** 2), axis=0),
    "layer normalisation": lambda np, x: (x - x.mean()) / np.sqrt(x.var() + 1e-5),
    "prod": lambda np, x: np.prod(x[:4]),
    "prod with a zero": lambda np, x: np.prod(x[:4] - x[1]) + np.prod(x[:4] - np.array([0.0, 0.4, 0.0, 0.0])),
    "prod of an axis": lambda np, x: np.prod(np.outer(x[:4], x[:4]), axis=1),
    "cumsum": lambda np, x: np.cumsum(x),
    "cumsum of an axis": lambda np, x: np.cumsum(np.outer(x[:4], x[:4]), axis=1),
    "cumprod": lambda np, x: np.cumprod(x[:4]),
    "max": lambda np, x: np.max(x) * x,
    "max of an axis": lambda np, x: np.max(np.outer(x[:4], np.cos(x[:4])), axis=0),
    "max of an axis of three": lambda np, x: np.max((B * x[:4])[:, None], axis=2),
    "max, keepdims": lambda np, x: np.max(np.outer(x[:4], x[:4]), keepdims=True),
    "max of an axis, keepdims": lambda np, x: np.max(np.outer(x[:4], np.cos(x[:4])), axis=1, keepdims=True),
    "min": lambda np, x: x.min() - np.ptp(x),
    "sort": lambda np, x: np.sort(x) * x,
    "norm": lambda np, x: x / np.linalg.norm(x),
    "norm of an axis": lambda np, x: np.linalg.norm(np.outer(x[:4], x[:4] + 1), axis=1),
    "1-norm and ∞-norm": lambda np, x: np.linalg.norm(x, 1) * np.linalg.norm(x, np.inf) + np.linalg.norm(x, 3),
    "norms of an axis": lambda np, x: sum(
        np.linalg.norm(np.outer(x[:4], np.cos(x[:3])), order, axis=1) * np.arange(1.0, 5.0)
        for order in (1, 2, 3, 0.5, np.inf, -np.inf, 0)
    ),
    "norms of an axis, keepdims": lambda np, x: sum(
        np.linalg.norm(np.outer(x[:4], np.cos(x[:3])), order, axis=0, keepdims=True) * np.arange(1.0, 5.0)[:, None]
        for order in (None, 1, 2, 3, np.inf, -np.inf)
    ),
    "norm of a matrix": lambda np, x: np.linalg.norm(np.outer(x[:4], np.cos(x[:3])), "fro") * np.linalg.norm(
        np.outer(x[:4], x[:3]), keepdims=True
    ),
    "norms of a stack of matrices": lambda np, x: np.linalg.norm(B * x[:4], "fro", axis=(1, 2)) ** 3,
    "ptp of an axis": lambda np, x: np.ptp(np.outer(x[:4], np.cos(x[:3])), axis=1) ** 2,
    "ptp, keepdims": lambda np, x: np.ptp(np.outer(x[:4], x[:3]), axis=0, keepdims=True) * np.outer(x[:4], x[:3]),
    "var of an axis, keepdims": lambda np, x: np.var(np.outer(x[:4], np.cos(x[:3])), axis=1, keepdims=True)
    * np.var(np.outer(x[:4], x[:3]), axis=0, keepdims=True),
    "std of an axis, keepdims": lambda np, x: np.std(np.outer(x[:4], x[:4] ** 2), axis=1, keepdims=True) * x[:3],
    "diff": lambda np, x: np.diff(x) * np.diff(x, n=1),
    "second diff": lambda np, x: np.diff(x, n=2),
    "roll": lambda np, x: np.roll(x, 1) * x,
    "roll of an axis": lambda np, x: np.roll(np.outer(x[:4], x[:4]), 2, axis=0),
    "flip": lambda np, x: np.flip(x) * x + x[::-1],
    "concatenate": lambda np, x: np.concatenate([x, np.zeros(2), x[:2] ** 2]),
    "concatenate columns": lambda np, x: np.concatenate([np.outer(x[:4], x[:4]), A], axis=1),
    "stack": lambda np, x: np.stack([x, x**2, 0 * x], axis=-1),
    "hstack": lambda np, x: np.hstack([x[0], x[1:] * 2]),
    "vstack": lambda np, x: np.vstack([x, np.ones_like(x)]),
    "column_stack": lambda np, x: np.column_stack([x, x**2]),
    "append": lambda np, x: np.append(x, x[0]),
    "reshape": lambda np, x: x[:4].reshape(2, 2).T.ravel() * x[:4],
    "reshape by columns": lambda np, x: np.reshape(x[:4], (2, 2), order="F") * 1.0,
    "transpose": lambda np, x: np.transpose(B * x[:4], (2, 0, 1)),
    "moveaxis": lambda np, x: np.moveaxis(B * x[:4], 0, -1),
    "swapaxes": lambda np, x: np.swapaxes(B * x[:4], 0, 1),
    "squeeze": lambda np, x: np.squeeze(np.expand_dims(x, 0)),
    "squeeze one axis": lambda np, x: np.squeeze(np.expand_dims(x, axis=(0, 2)), axis=0),
    "transpose, axes by name": lambda np, x: np.transpose(B * x[:4], axes=(1, 0, 2)),
    "a row plus a column": lambda np, x: x + np.ones((3, 1)),
    "broadcast": lambda np, x: np.broadcast_to(x[:4], (3, 4)) * W[:3],
    "tile and repeat": lambda np, x: np.tile(x, 2) * np.repeat(x, 2),
    "take": lambda np, x: np.take(x, np.array([2, 0])),
    "diag": lambda np, x: np.diag(x[:4]) @ x[:4],
    "tril": lambda np, x: np.tril(np.outer(x[:4], x[:4])) + np.triu(A),
    "trace": lambda np, x: np.trace(np.outer(x[:4], x[:4]) @ A),
    "split": lambda np, x: np.split(x, 2)[0] * np.split(x, 2)[1],
    "where": lambda np, x: np.where(x > 0, x**2, np.exp(x)),
    "where, one constant": lambda np, x: np.where(x > 0, x, 0.0),
    "where, entries or sums": lambda np, x: np.where(x > 0, x**2, np.cumsum(x)),
    "maximum, one tie": lambda np, x: np.maximum(x, x[0]),
    "maximum": lambda np, x: np.maximum(x, 2 * x) + np.minimum(x, 0.1),
    "clip": lambda np, x: np.clip(x, -0.5, 0.6) + x.clip(0.0, None),
    "clip, by name": lambda np, x: np.clip(x, min=0.3) + np.clip(x, max=0.4) ** 2,
    "abs": lambda np, x: np.abs(x) + abs(x[0]),
    "power": lambda np, x: x**3 + 2.0**x + np.abs(x) ** x[0] + x**-1 + x**0,
    "powers of several exponents": lambda np, x: x[:4] ** np.array([0.0, 1.0, 2.0, 3.0]),
    "remainder": lambda np, x: x % 0.3 + np.floor(x),
    "polyval": lambda np, x: np.polyval(np.array([1.0, -2.0, 3.0]), x),
    "solve for a vector": lambda np, x: np.linalg.solve(A + np.diag(x[:4]), x[:4] ** 2),
    "solve for a matrix": lambda np, x: np.linalg.solve(A, np.outer(x[:4], x[:4])),
    "solve, constant right side": lambda np, x: np.linalg.solve(A + np.diag(x[:4]), W[0, :4]),
    "inv": lambda np, x: np.linalg.inv(A + np.diag(x[:4])),
    "det": lambda np, x: np.linalg.det(A + np.outer(x[:4], x[:4] ** 2)),
    "slogdet": lambda np, x: np.linalg.slogdet(A * x[0] + np.diag(x[:4]))[1],
    "solve for stacks": lambda np, x: np.linalg.solve(S + np.outer(x[:4], x[:4]), S[..., :2] * x[0]),
    "solve for stacks, one vector": lambda np, x: np.linalg.solve(S + np.outer(x[:4], x[:4]), x[:4] ** 2),
    "solve for constant stacks, one vector": lambda np, x: np.linalg.solve(S, x[:4] ** 2),
    "solve, one matrix for a stack": lambda np, x: np.linalg.solve(A + np.diag(x[:4]), S * x[0]),
    "solve, one constant matrix for a stack": lambda np, x: np.linalg.solve(A, S * x[:4]),
    "solve, one matrix for a constant stack": lambda np, x: np.linalg.solve(A + np.diag(x[:4]), B),
    "dets of a stack": lambda np, x: np.linalg.det(S * x[:4] + np.outer(x[:4], x[:4] ** 2)),
    "slogdets of a stack": lambda np, x: np.linalg.slogdet(S * x[:4] + np.diag(x[:4]))[1] ** 2,
    "sign of slogdet": lambda np, x: np.linalg.slogdet(S * x[:4])[0] * x[0],
    "matrix_power": lambda np, x: np.linalg.matrix_power(A * x[:4], 3),
    "powers of matrices": lambda np, x: sum(
        np.linalg.matrix_power(A + np.diag(x[:4]), n) * x[0] for n in (-2, -1, 0, 1, 2)
    ),
    "softmax": lambda np, x: np.exp(x - np.max(x)) / np.sum(np.exp(x - np.max(x))),
    "Rosenbrock": lambda np, x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
}  # fmt: skip


def signs(n):
    """A point of n entries between 0.2 and 0.9, every third one negative."""
    return np.random.default_rng(n).uniform(0.2, 0.9, n) * np.where(np.arange(n) % 3 == 1, -1, 1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_of_an_array_agrees_with_jax(name):
    x = np.abs(signs(4)) if "std" in name else signs(4)
    J, expected = jacobian_forward(lambda x: FUNCTIONS[name](np, x), x), by_jax(lambda x: FUNCTIONS[name](jnp, x), x)
    assert J.shape == expected.shape
    np.testing.assert_allclose(J, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("n", [60, 160])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_tangents_kept_as_terms_give_what_dense_ones_give(name, n):
    def f(x):
        return FUNCTIONS[name](np, x)

    x = signs(n)
    value, T = jvp(f, x, np.eye(n))
    np.testing.assert_array_equal(value, f(x))
    np.testing.assert_allclose(jacobian_forward(f, x), T, rtol=1e-12, atol=1e-13)


def test_an_order_in_memory_and_a_subclass_are_taken_wherever_numpy_takes_them():
    def f(x):
        made = np.zeros_like(x, None, "F", True, (2,)) + np.ones_like(x, order="C", subok=False)[:2] * x[:2]
        made += np.full_like(x, x[1], None, "A", False, 2) + np.empty_like(x, float, "K", False, 2)
        return made + np.copy(x, "K", True)[:2] + np.copy(x, order="F", subok=False)[:2]

    np.testing.assert_array_equal(jacobian_forward(f, [2.0, 3.0, 5.0]), [[3, 1, 0], [0, 4, 0]])


def test_the_determinant_has_its_derivative_even_where_the_matrix_has_no_inverse():
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    J = jvp(np.linalg.det, singular, np.ones((2, 2)))[1]
    assert pytest.approx(4 + 1 - 2 - 2) == J
    np.testing.assert_allclose(jvp(np.linalg.det, singular, np.eye(4).reshape(2, 2, 4))[1], [4, -2, -2, 1], atol=1e-14)


# -- How users write their functions ----------------------------------------------------------------------------------

LOOPED = {
    "np.add.accumulate of a matrix": lambda x: np.add.accumulate(np.outer(x[:3], x[:2])),
    "np.array of entries": lambda x: np.array([x[0] ** 2 + x[1], np.sin(x[0]) * x[1], 3.0]),
    "a nested np.array": lambda x: np.array([[x[0], 1.0], [x[1] * x[2], np.cos(x[1])]]),
    "np.array of rows": lambda x: np.array([x, np.sin(x)]),
    "np.array, then arithmetic": lambda x: np.tanh(np.array([x[0], x[1]]) * 2) @ np.array([[1.0, 2.0], [3.0, 4.0]]),
    "np.array times a dual": lambda x: np.array([x[1], x[0]]) * x[:2],
    "np.asarray first": lambda x: np.exp(np.asarray(x)) * np.sum(np.asarray(x) ** 2),
    "a list": lambda x: [x[0] * x[1], 3, np.exp(x[2])],
    "a tuple of rows": lambda x: (x, 2 * x, np.ones(len(x))),
    "a loop over entries": lambda x: np.array([v**2 for v in x]),
    "sum of entries": lambda x: sum(i * v for i, v in enumerate(x)),
    "lists beside arrays": lambda x: np.concatenate([[x[0], 1.0], x]) * np.dot([x[0], x[1]], x[1:3]),
    "np.r_": lambda x: np.r_[x, 1.0, x[0]],
    "a branch": lambda x: x**2 if x[0] > 0 else -x,
    "a constant": lambda x: np.array([1.0, 2.0]),
    "a number": lambda x: 3,
    "np.vectorize": lambda x: np.vectorize(lambda v: v**3)(x),
    "NumPy scalars": lambda x: np.float64(2) * x + x * np.float64(3) ** x + np.int64(2),
    "np.multiply.outer": lambda x: np.multiply.outer(x, x) + np.add.reduce(x),
    "np.subtract.outer": lambda x: np.subtract.outer(x, x[:2] ** 2),
    "np.add.reduce of a matrix": lambda x: np.add.reduce(np.outer(x, x[:3])),
    "np.add.reduce of an axis": lambda x: np.add.reduce(np.outer(x, x[:3]), axis=1),
    "np.multiply.accumulate": lambda x: np.multiply.accumulate(np.outer(x[:3], x[:2]), axis=1),
}  # fmt: skip


def filled(x):
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = x[i] ** 2 * x[i - 1]
    return y


def recursive(x):
    y = np.empty_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = y[i - 1] * x[i] + 1
    return y


def in_place(x):
    y = (3 - 2 * x) * x + 1
    y[1:] -= x[:-1]
    y[:-1] -= 2 * x[1:]
    y *= x
    return y


def through_a_view(x):
    y = np.zeros_like(x)
    Y = y.reshape(-1, 2).T
    Y[0] = np.sin(x[1::2])
    Y[1, 1:] = x[0]
    return y * x


def through_views_of_a_copy(x):
    y = np.copy(x)
    np.flip(y)[0] = x[0] ** 2
    np.split(y, 2)[1][0] = x[1] * x[2]
    return y * x


def through_new_axes(x):
    y = np.zeros_like(x)
    y[None][0, 0] = x[1] ** 2
    y[...][1] = x[2]
    y[:, np.newaxis, ...][2:4, 0] = x[:2]
    return y * x


def through_a_row(x):
    y = np.zeros_like(x, shape=(3, len(x)))
    row = y[1]
    row[1:] = x[:-1] ** 2
    y[2, ::2] = x[1::2]
    y[2] *= x
    return y


def overwritten(x):
    y = np.copy(x)
    before, first = y[1:], y[0]
    y[0] = 5.0
    y[1] = x[0] * x[2]
    y[[0, 2]] = x[:2] ** 2
    y[y > 1e6] = 0
    return np.concatenate([y, before * first])


def a_copy_by_index(x):
    y = x**2
    taken, whole = y[[0, 2]], y[True]
    taken[0] = whole[0, 1] = 5.0
    return np.concatenate([y, taken, whole[0]])


def a_running_sum(x):
    total = np.sum(x)
    for entry in x[1:]:
        total += entry**2
    return total


def left_alone(x):
    y = x + 0
    y[0] = 7.0
    return x * y


for function in (
    filled,
    recursive,
    in_place,
    through_a_view,
    through_views_of_a_copy,
    through_new_axes,
    through_a_row,
    overwritten,
    a_copy_by_index,
    a_running_sum,
    left_alone,
):
    LOOPED[function.__name__] = function


@pytest.mark.parametrize("n", [4, 60])
@pytest.mark.parametrize("name", LOOPED)
def test_functions_as_users_write_them_have_the_jacobian_that_differences_find(name, n):
    f, x = LOOPED[name], np.random.default_rng(n).uniform(0.5, 0.9, n)
    J = jacobian_forward(f, x)
    flat = jacobian_numerical(lambda x: np.ravel(f(x)), x)
    np.testing.assert_allclose(J.reshape(-1, n), flat, atol=1e-8)
    np.testing.assert_allclose(jvp(f, x, np.eye(n)[:, :3])[1], J[..., :3], rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(jvp(f, x, x)[0], np.asarray(f(x)), rtol=1e-15)


def test_the_point_and_the_tangent_are_left_as_they_were():
    x, t = np.array([1.0, 2.0]), np.array([3.0, 4.0])

    def f(x):
        x[0] = 9.0
        return x

    np.testing.assert_array_equal(jvp(f, x, t)[1], [0.0, 4.0])
    np.testing.assert_array_equal([x, t], [[1, 2], [3, 4]])


def test_what_comes_back_shares_no_memory_with_the_constants_of_f():
    matrix = RNG.standard_normal((60, 60))
    J = jacobian_forward(lambda x: matrix @ x, np.ones(60))
    assert not np.shares_memory(J, matrix)
    J[0, 0] = 7.0  # and may be written to
    assert jvp(lambda x: np.broadcast_to(x[:1], 3), np.ones(2), np.ones(2))[1].flags.writeable


def test_a_constant_has_the_tangent_zero_in_a_list_too():
    for constant in (np.array([1.0, 2.0]), [1.0, 2.0]):
        value, tangent = jvp(lambda x, constant=constant: constant, np.ones(3), np.ones(3))
        assert (value.tolist(), tangent.tolist()) == ([1.0, 2.0], [0.0, 0.0])


def test_an_array_of_objects_may_hold_numbers_of_any_kind_and_one_of_no_axes_is_a_number():
    value, tangent = jvp(lambda x: np.array([x[0], Fraction(1, 2), 10**30]), [3.0], [2.0])
    assert (value.tolist(), tangent.tolist()) == ([3.0, 0.5, 1e30], [2.0, 0.0, 0.0])
    value, tangent = jvp(lambda x: x * np.array([2, Fraction(1, 2)], dtype=object), [3.0, 4.0], [2.0, 2.0])
    assert (value.tolist(), tangent.tolist()) == ([6.0, 2.0], [4.0, 1.0])
    value, tangent = jvp(lambda x: np.array(x[0]), [3.0], [2.0])
    assert (type(value), value, tangent) == (np.float64, 3.0, 2.0)


def test_an_argument_of_any_shape_has_tangents_behind_it():
    X, T = RNG.standard_normal((4, 3)), RNG.standard_normal((4, 3, 2))
    value, tangent = jvp(lambda X: A @ X, X, T)
    np.testing.assert_allclose(tangent, np.einsum("ij,jkl->ikl", A, T), atol=1e-14)
    np.testing.assert_array_equal(value, A @ X)
    assert jvp(np.sin, 0.0, 2.0) == (0.0, 2.0)


# -- Corners ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.abs, 0.0),
        (lambda x: np.maximum(x, 0), 0.0),
        (lambda x: np.maximum(0, x), 0.0),
        (lambda x: np.minimum(x, 0), 0.0),
        (lambda x: np.maximum(x, x), 1.0),
        (lambda x: np.maximum(x, -x), 0.0),
        (lambda x: np.clip(x, 0, 1), 0.0),
        (lambda x: np.where(x > 0, x, 0), 0.0),
    ],
)  # fmt: skip
def test_at_a_corner_the_documented_slope_comes(f, slope):
    assert jvp(f, 0.0, 1.0)[1] == slope
    assert jacobian_forward(f, np.zeros(60)).max() == slope


def test_squares_roots_and_reciprocals_written_as_powers_are_computed_as_those():
    x = np.random.default_rng(1).uniform(0.1, 9, 1000)
    for power, y, slope in [(2, x * x, 2 * x), (0.5, np.sqrt(x), 0.5 / np.sqrt(x)), (-1, 1 / x, -(1 / x) * (1 / x))]:
        np.testing.assert_array_equal(jvp(lambda x, power=power: x**power, x, np.ones(1000)), (y, slope))


def test_powers_at_zero_have_their_slopes():
    zero = [0.0]
    assert jacobian_forward(lambda x: x**2, zero) == 0
    assert jacobian_forward(lambda x: x**1, zero) == 1
    assert jacobian_forward(lambda x: x**0, zero) == 0
    assert jacobian_forward(lambda x: x ** np.array([0.0]), zero) == 0
    assert jacobian_forward(lambda x: np.power(0.0, x), [2.0]) == 0
    assert jacobian_forward(lambda x: np.power(0.0, x), [0.0]) == 0


def test_the_sign_that_copysign_gives_is_the_slope_of_the_smallest_numbers_too():
    x = np.array([1e-300, -1e-300, 1e-300, -1e-300])
    np.testing.assert_array_equal(
        np.diag(jacobian_forward(lambda x: np.copysign(x, [1, 1, -2, -2]), x)), [1, -1, -1, 1]
    )


# -- What is refused --------------------------------------------------------------------------------------------------


def stores(x):
    y = np.zeros(2)
    y[0] = x[0]
    return y


def holds_arrays(x):
    y = np.empty(2, dtype=object)
    y[0], y[1] = x, 1.0
    return y


def adds_in_place(x):
    y = np.ones(2)
    y += x
    return y


def test_methods_of_arrays_are_those_of_numpy():
    x = np.arange(6.0).reshape(1, 2, 3)
    for f in (
        lambda x: x.transpose(), lambda x: x.transpose(2, 0, 1), lambda x: x.transpose((1, 0, 2)), lambda x: x.T,
        lambda x: x.flatten(), lambda x: x.reshape(3, 2), lambda x: x.reshape((3, 2), order="F"),
        lambda x: x.reshape(-1), lambda x: x.astype(float), lambda x: x.astype("float32"),
    ):  # fmt: skip
        value, tangent = jvp(f, x, 2 * x)
        np.testing.assert_array_equal(value, f(x))
        np.testing.assert_array_equal(tangent, 2 * f(x))


def test_a_copy_of_a_dual_array_is_written_to_alone():
    for copied in (lambda x: x.flatten(), lambda x: x.astype(float)):

        def f(x, copied=copied):
            y = copied(x)
            y[0] = 7.0
            return x + y

        np.testing.assert_array_equal(jvp(f, [1.0, 2.0], [1.0, 1.0])[1], [1.0, 2.0])


def test_a_dual_number_is_true_where_its_value_is_and_is_shown_with_its_tangent():
    seen = []
    jvp(lambda x: seen.append((bool(x[0]), bool(x[1]), repr(x), repr(x[1]))) or x, [0.0, 2.0], [3.0, 4.0])
    assert seen[0][:2] == (False, True)
    assert seen[0][2] == "DualArray(primal=array([0., 2.]), tangents=array([[3., 4.]]))"
    assert seen[0][3] == f"Dual(primal={np.float64(2.0)!r}, tangents=array([4.]))"


REFUSED = [
    (stores, TypeError, r"no float, .* write np.sin for math.sin, np.zeros_like\(x\) for np.zeros\(n\)"),
    (lambda x: math.sin(x[0]), TypeError, "write np.sin for math.sin"),
    (lambda x: np.asarray(x, dtype=float), TypeError, r"leave out np.asarray\(x, dtype=float\)"),
    (holds_arrays, TypeError,
     "^an array of objects must hold numbers; got arrays in it: use np.stack or np.concatenate$"),
    (adds_in_place, TypeError, r"np.add cannot write .* for y \+= x write y = y \+ x"),
    (lambda x: np.sin(x, out=np.zeros(2)), TypeError, "np.sin cannot write a dual number into an array of floats"),
    (lambda x: np.sin(x, where=[True, False]), TypeError, "np.sin with where has no rule for dual numbers"),
    (lambda x: np.sin(x, where=[True, False], casting="no"), TypeError, "^np.sin with where, casting has no rule"),
    (lambda x: np.add(x, x, out=np.ones(2)), TypeError,
     r"^np.add cannot .* for y \+= x write y = y \+ x, or make y by np.zeros_like\(x\)$"),
    (lambda x: np.add.reduceat(x, [0]), TypeError, "np.add.reduceat has no rule"),
    (lambda x: np.interp(x, [0, 1], [0, 1]), TypeError, "np.interp has no rule for dual numbers; write f with"),
    (lambda x: np.linalg.svd(x[:, None]), TypeError, "np.linalg.svd has no rule"),
    (lambda x: divmod(x, 2), TypeError, "np.divmod has no rule"),
    (scipy.special.j0, TypeError, "^j0 has no rule"),
    (lambda x: np.sum(x, where=[True, False]), TypeError, "np.sum of dual numbers: got an unexpected .* 'where'"),
    (lambda x: np.exp(1j * x), TypeError, "dual numbers are real; f made values of dtype complex128"),
    (lambda x: x.astype(int), TypeError, r"dual numbers stay floats; f asks for astype\(int64\)"),
    (lambda x: np.linalg.norm(x[:, None], 2), TypeError, "knows of matrices the Frobenius norm; got ord=2"),
    (lambda x: np.linalg.norm(x[:, None, None], 1, axis=(0, 2)), TypeError, "the Frobenius norm; got ord=1"),
    (lambda x: np.dot(np.eye(2), x[:, None, None]), TypeError, r"at most a matrix for b; got shape \(2, 1, 1\)"),
    (lambda x: np.einsum(x, [0]), TypeError, "takes its subscripts as a string"),
    (lambda x: jvp(np.sin, x, [1.0, 1.0])[0], TypeError,
     "^x must hold floats; got the dual numbers of another call: forward mode does not nest here$"),
    (lambda x: jvp(lambda z: z * x, [1.0, 2.0], [1.0, 1.0])[0], TypeError,
     "^dual numbers of two calls of jvp meet; f must not use the dual numbers of another call$"),
    (lambda x: x.undefined, AttributeError, "dual numbers have no attribute 'undefined'"),
    (lambda x: "text", TypeError, "the value of f must hold real numbers; got dtype <U4"),
    (lambda x: None, TypeError, "the value of f must hold real numbers; got dtype object"),
    (lambda x: np.log(-x), ValueError, "the value of f must be finite; got nan at index 0"),
    (lambda x: np.sqrt(x - x[0]), ValueError, "the tangent of f must be finite; got .* at index 0"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "error", "message"), REFUSED)
def test_what_has_no_rule_or_no_finite_answer_is_refused_by_name(f, error, message):
    for routine in (lambda f: jvp(f, [1.5, 2.0], [1.0, 1.0]), lambda f: jacobian_forward(f, [1.5, 2.0])):
        with pytest.raises(error, match=message):
            routine(f)


@pytest.mark.parametrize(
    ("x", "t", "error", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0, 3.0], ValueError, r"t must have the shape of x, \(2,\), or one more .*; got \(3,\)"),
        ([1.0, 2.0], 1.0, ValueError, r"got \(\)"),
        ([1.0, np.nan], [1.0, 2.0], ValueError, "x must be finite; got nan at index 1"),
        ([1.0, 2.0], [np.inf, 2.0], ValueError, "t must be finite; got inf at index 0"),
        ([1j, 2.0], [1.0, 2.0], TypeError, "x must hold real numbers; got dtype complex128"),
        ([], [], ValueError, r"x must have at least one entry; got shape \(0,\)"),
    ],
)  # fmt: skip
def test_a_bad_point_or_tangent_is_refused(x, t, error, message):
    with pytest.raises(error, match=message):
        jvp(np.sin, x, t)


def test_infinite_slopes_of_both_signs_are_refused_and_huge_ones_are_not():
    with pytest.raises(ValueError, match="the tangent of f must be finite; got inf at index 0"):
        jvp(lambda x: np.stack([np.sqrt(x[0]), -np.sqrt(x[1])]), [0.0, 0.0], [1.0, 1.0])
    np.testing.assert_array_equal(jvp(lambda x: 1e308 * x, np.ones(3), np.ones(3))[1], 1e308)


def test_integers_are_taken_as_the_floats_they_stand_for():
    np.testing.assert_array_equal(jvp(np.sqrt, [4, 9], [1, 2])[1], [0.25, 1 / 3])
    np.testing.assert_array_equal(jacobian_forward(np.square, [1, 2]), [[2, 0], [0, 4]])


# -- What acts on values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "f",
    [np.shape, np.ndim, np.size, np.argmax, np.argsort, np.any, np.count_nonzero, np.flatnonzero, np.isreal, np.round,
     np.sign, np.floor, np.isnan, lambda x: x > 0.5, lambda x: x == x[0], lambda x: x // 0.5,
     lambda x: np.allclose(x, x), lambda x: np.round(x, decimals=1), lambda x: np.lexsort((x, -x)),
     lambda x: np.searchsorted(x, 0.5), lambda x: x.dtype, len, lambda x: bool(x[0] > 0)],
)  # fmt: skip
def test_questions_about_values_have_the_same_answers_for_dual_numbers(f):
    x, seen = np.array([0.25, -0.5, 1.0]), []
    jvp(lambda x: seen.append(f(x)) or x, x, x)
    np.testing.assert_array_equal(seen[0], f(x))


def test_arrays_made_in_the_shape_of_dual_ones_are_dual_where_they_hold_floats():
    made = {}

    def f(x):
        made["counts"] = np.zeros_like(x, dtype=int)
        made["marks"] = np.full_like(x, 1.0, dtype=bool, shape=(2, 1))
        made["floats"] = np.ones_like(x, dtype=float)
        return x

    jvp(f, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    np.testing.assert_array_equal(made["counts"], np.zeros(3, dtype=int), strict=True)
    np.testing.assert_array_equal(made["marks"], np.ones((2, 1), dtype=bool), strict=True)
    assert (made["floats"].primal.tolist(), dense(made["floats"].tangents).tolist()) == ([1, 1, 1], [[0, 0, 0]])


def test_the_list_of_functions_with_a_rule_names_them_as_numpy_does():
    lines = known().splitlines()
    names = " ".join(lines).split(", ")
    assert names == sorted(set(names))
    assert {"sum", "linalg.solve", "matrix_transpose"} <= set(names)
    for name in names:
        assert callable(operator.attrgetter(name)(np))
    for line, after in itertools.pairwise(lines):
        assert len(line) <= 72 < len(line) + 1 + len(after.split()[0])


# -- The storage of tangents ------------------------------------------------------------------------------------------


def test_unit_vectors_are_kept_as_terms_as_long_as_few_entries_differ_from_zero():
    kept = {}

    def f(x):
        kept["elementwise"] = np.sin(x) * x
        kept["three neighbours"] = x[2:] * x[1:-1] - x[:-2]
        kept["the same entries"] = x[1:] * x[1:]
        kept["all"] = np.sum(x) * x
        kept["written to"], kept["zeros written to"] = x * x, np.zeros_like(x)
        kept["written to"][0] = 1.0
        kept["written to"][2:] = x[1:-1]
        kept["zeros written to"][:-1] = x[1:]
        return x

    jacobian_forward(f, np.linspace(0.1, 1, 1000))
    pairs = {name: len(y.tangents.pairs) if isinstance(y.tangents, Terms) else None for name, y in kept.items()}
    assert pairs == {
        "elementwise": 1, "three neighbours": 3, "the same entries": 1, "all": None, "written to": 1,
        "zeros written to": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("k", "size", "terms", "kept"),
    [(1000, 1000, 125, True), (1000, 1000, 126, False), (2004, 1, 1, True), (2003, 1, 1, False)],
)
def test_a_sum_of_many_terms_is_made_dense_where_that_is_less_work(k, size, terms, kept):
    T = Terms(k, (size,), [((np.arange(size) + i) % k, np.ones(size)) for i in range(terms)])
    assert isinstance(T.settled(), Terms) == kept
    np.testing.assert_array_equal(dense(T.settled()), dense(T))


def test_the_unit_vectors_of_few_entries_are_dense():
    assert [isinstance(units(n), Terms) for n in (3, 50, 51)] == [False, False, True]


def test_a_matrix_times_unit_vectors_is_the_matrix_without_a_product():
    matrix, seen = RNG.standard_normal((3, 200)), []
    jacobian_forward(lambda x: seen.append(matrix @ x) or seen[0], np.ones(200))
    assert np.shares_memory(seen[0].tangents, matrix)


def test_terms_made_dense_are_the_identity():
    np.testing.assert_array_equal(dense(units(70)), np.eye(70))
    np.testing.assert_array_equal(dense(units(3)), np.eye(3))


def test_a_gradient_of_a_sum_over_many_entries_never_needs_the_matrix():
    n = 200_000  # the dense Jacobian of the inner steps would take 320 GB
    x = np.linspace(-1, 1, n)
    np.testing.assert_allclose(
        jacobian_forward(lambda x: np.sum(np.sin(x) ** 2 + x[0] * x), x)[1:], np.sin(2 * x[1:]) - 1, atol=1e-12
    )


def test_each_arrow_of_the_figure_is_the_tangent_and_its_image_under_j():
    figure = figures.tangent_curve().figure
    for ax, image in zip(figure.axes, [lambda t, x: t, lambda t, x: jacobian_analytical(x) @ t], strict=True):
        arrows = [text for text in ax.texts if text.arrow_patch is not None]
        for arrow, time in zip(arrows, TIMES, strict=True):
            step = np.array(arrow.xy) - np.array(arrow.xyann)
            np.testing.assert_allclose(step, 0.6 * image(TANGENT, POINT + time * TANGENT))
            assert arrow.arrow_patch.shrinkA == arrow.arrow_patch.shrinkB == 0  # it ends where it says
