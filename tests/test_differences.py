"""Jacobians by differences: each theorem against an independent answer."""

import copy
import itertools
import tracemalloc

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from jacobians import odd
from jacobians.adaptive import Ladder, choose, richardson
from jacobians.analytic import NotAnalyticError, WatchedPoint, watched
from jacobians.colouring import sparsity_plan
from jacobians.differences import jacobian, jvp_numerical
from jacobians.formulas import steps
from jacobians.jacobian import f_vec, jacobian_analytical
from tests.counting import counted

jax.config.update("jax_enable_x64", True)

FORMULAS = {"forward": 1e-7, "central": 1e-9, "central4": 1e-11, "complex": 1e-14}  # method: relative error in double


def example(x):
    return np.array([x[0] ** 2 + x[1], np.sin(x[0]) * x[1]])


def rosenbrock(x):
    return np.concatenate([10 * (x[1:] - x[:-1] ** 2), 1 - x[:-1]])


def broyden(x):
    y = (3 - 2 * x) * x + 1
    y[1:] -= x[:-1]
    y[:-1] -= 2 * x[1:]
    return y


def broyden_jacobian(x):
    n = len(x)
    return np.diag(3 - 4 * x) - np.eye(n, k=-1) - 2 * np.eye(n, k=1)


def error(J, exact):
    J = J.toarray() if scipy.sparse.issparse(J) else J
    assert J.shape == exact.shape
    return np.max(np.abs(J - exact)) / np.max(np.abs(exact))


@pytest.mark.parametrize("vectorized", [False, True])
@pytest.mark.parametrize("method", FORMULAS)
def test_each_method_agrees_with_jax_to_its_order(method, vectorized):
    x = np.random.default_rng(1).standard_normal(10)
    W = np.random.default_rng(2).standard_normal((7, 10))
    for f, g in [
        (rosenbrock, lambda x: jnp.concatenate([10 * (x[1:] - x[:-1] ** 2), 1 - x[:-1]])),
        (lambda x: np.tanh(W @ x), lambda x: jnp.tanh(W @ x)),
    ]:
        J = jacobian(f, x, method=method, vectorized=vectorized)
        assert error(J, np.asarray(jax.jacfwd(g)(x))) < FORMULAS[method]


@pytest.mark.parametrize("method", [*FORMULAS, "adaptive"])
def test_blocks_of_any_size_give_the_same_matrix(method):
    x = np.linspace(-1, 1, 9)
    results = [
        jacobian(broyden, x, method=method, vectorized=v, max_bytes=b) for v in (True, False) for b in (1, 700, 2**26)
    ]
    first, *others = [getattr(r, "J", r) for r in results]
    for J in others:
        assert np.array_equal(J, first)


def test_a_block_of_points_and_values_stays_within_its_memory():
    x, shapes = np.linspace(-1, 1, 50), []

    def f(points):
        shapes.append(points.shape)
        return np.sin(points)

    jacobian(f, x, vectorized=True, max_bytes=2**15)
    assert max(2 * 8 * np.prod(shape) for shape in shapes) <= 2**15
    assert sum(shape[1] for shape in shapes if len(shape) == 2) == 100


@given(st.lists(st.floats(-1e8, 1e8), min_size=1, max_size=6))
@settings(deadline=None, max_examples=60)
def test_an_affine_map_has_its_matrix_for_a_derivative(entries):
    x = np.array(entries)
    A = np.random.default_rng(3).integers(-9, 9, (4, len(x))).astype(float)
    for method, tolerance in {"forward": 1e-6, "central": 1e-8, "central4": 1e-10, "complex": 1e-14}.items():
        scale = len(x) * np.abs(A).max() + 1
        assert np.max(np.abs(jacobian(lambda x: A @ x, x, method=method) - A)) <= tolerance * scale * max(
            1, np.abs(x).max() / max(1, np.abs(x).min())
        )


@pytest.mark.parametrize(("method", "order"), [("forward", 1), ("central", 2), ("central4", 4)])
def test_the_truncation_error_falls_with_the_order_of_the_method(method, order):
    errors = [
        error(jacobian(example, [1.5, 2.0], method=method, step=h), jacobian_analytical([1.5, 2.0]))
        for h in (0.1, 0.05)
    ]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.1)


def test_the_distance_of_two_stored_points_is_exact():
    x = np.random.default_rng(4).standard_normal(100) * 10.0 ** np.arange(-50, 50)
    for method in ("forward", "central", "central4"):
        J = jacobian(lambda x: 3 * x, x, method=method)  # 3x is rounded, 2x and x are not
        assert np.array_equal(jacobian(lambda x: 2 * x, x, method=method), 2 * np.eye(100)), method
        assert error(J, 3 * np.eye(100)) < 1e-6


def test_the_default_step_grows_with_x_beyond_one():
    x = np.array([0.0, 1e-3, 1.0, -1e6])
    for method, power in {"forward": 1 / 2, "central": 1 / 3, "central4": 1 / 5}.items():
        assert np.allclose(steps(x, method), 2.0 ** (-52 * power) * np.array([1, 1, 1, 1e6]))


def test_the_default_step_of_a_function_in_single_precision_is_a_power_of_two():
    h = steps(np.array([0.5, 100.0]), "central", eps=2.0**-23)  # 2^(-23/3) = 2^-7.67, and 2^-1.02
    assert h.tolist() == [2.0**-8, 2.0**-1]


def test_integers_lists_and_single_precision_are_taken_as_double():
    exact = jacobian_analytical([1.0, 2.0])
    for x in ([1, 2], np.array([1, 2]), np.float32([1, 2]), np.array([True, 2])):
        assert error(jacobian(f_vec, x), exact) < 1e-9


def test_a_function_that_computes_in_single_precision_gets_the_steps_of_single_precision():
    x = np.float32([0.5, 1.25])
    for f in (lambda x: np.sin(np.float32(x)), lambda x: np.sin(x.astype(np.float32))):
        J = jacobian(f, x)
        assert error(J, np.diag(np.cos(np.float64(x)))) < 1e-4
        assert error(jacobian(f, x, vectorized=True), np.diag(np.cos(np.float64(x)))) < 1e-4
        assert np.allclose(jvp_numerical(f, x, [1.0, 0.0]), [np.cos(0.5), 0], atol=1e-4)
    with pytest.raises(ValueError, match="complex128"):
        jacobian(lambda x: np.sin(x.astype(np.complex64)), x, method="complex")


def test_a_function_that_hands_out_one_buffer_or_changes_its_argument_does_no_harm():
    buffer = np.empty(3)

    def one_buffer(x):
        buffer[:] = x**2
        return buffer

    def changes(x):
        x *= x
        return x

    x = np.array([1.0, 2.0, 3.0])
    for f in (one_buffer, changes):
        for options in ({}, {"method": "forward"}, {"sparsity": (0, 0)}, {"sparsity": (0, 0), "method": "forward"}):
            assert error(jacobian(f, x, **options), np.diag(2 * x)) < 1e-6
        assert error(jacobian(f, x, method="adaptive").J, np.diag(2 * x)) < 1e-12
        assert np.allclose(jvp_numerical(f, x, [1, 1, 1]), 2 * x)
    assert np.array_equal(x, [1, 2, 3])


def test_values_may_be_lists_or_whole_numbers():
    assert error(jacobian(lambda x: [x[0] * x[1], x[0]], [2.0, 3.0]), np.array([[3.0, 2.0], [1.0, 0.0]])) < 1e-9
    for vectorized in (False, True):
        J = jacobian(lambda x: np.rint(x).astype(np.uint8), [2.2, 3.3], vectorized=vectorized)
        assert np.array_equal(J, np.zeros((2, 2)))


# --- jvp_numerical ----------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_a_numerical_jvp_is_the_jacobian_times_the_tangent_in_two_evaluations(seed):
    rng = np.random.default_rng(seed)
    x, t = rng.standard_normal((2, 6))
    t *= 10.0 ** rng.integers(-8, 9)
    call = counted(broyden)
    Jt = jvp_numerical(call, x, t)
    assert np.max(np.abs(Jt - broyden_jacobian(x) @ t)) < 1e-8 * np.abs(t).max()
    assert call.calls == 2


def test_a_step_along_a_tangent_moves_each_component_by_its_own_step():
    assert jvp_numerical(np.square, [1e8], [1.0]) == pytest.approx([2e8], rel=1e-9)
    assert jvp_numerical(np.sin, [1.0], [1.0]) == pytest.approx([np.cos(1)], rel=1e-10)


@pytest.mark.parametrize(
    ("kind", "match", "t"),
    [
        (ValueError, r"^t must have shape \(2,\); got \(3,\)$", [1.0, 2.0, 3.0]),
        (ValueError, "^t must be finite; got nan at index 1$", [1.0, np.nan]),
    ],
)
def test_a_tangent_that_is_none_is_named(kind, match, t):
    with pytest.raises(kind, match=match):
        jvp_numerical(example, [1.0, 2.0], t)


def test_the_tangent_zero_gives_zero():
    assert np.array_equal(jvp_numerical(broyden, [1.0, 2.0], [0.0, 0.0]), [0.0, 0.0])


# --- sparse -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vectorized", [False, True])
@pytest.mark.parametrize("method", FORMULAS)
@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_a_sparse_jacobian_is_the_dense_one(n, method, vectorized):
    x = np.random.default_rng(5).standard_normal(n)
    exact = broyden_jacobian(x)
    for sparsity in (exact != 0, scipy.sparse.coo_array(exact), scipy.sparse.csc_matrix(exact), (1, 1), (n + 3, 1)):
        J = jacobian(broyden, x, method=method, sparsity=sparsity, vectorized=vectorized)
        assert isinstance(J, scipy.sparse.csr_array)
        assert error(J, exact) < FORMULAS[method]


def test_any_pattern_is_recovered_by_its_colours():
    rng = np.random.default_rng(6)
    for m, n in [(30, 20), (20, 30), (1, 9), (9, 1)]:
        A = scipy.sparse.random_array((m, n), density=0.15, rng=rng, format="csr")
        plan = sparsity_plan(A)
        for options in ({}, {"max_bytes": 8}, {"vectorized": True}):
            for method in FORMULAS:
                J = jacobian(lambda x, A=A: A @ x, np.ones(n), sparsity=plan, method=method, **options)
                assert error(J, A.toarray()) < FORMULAS[method]
        for c in range(plan.colours):
            assert A[:, plan.groups[c]].count_nonzero(axis=1).max(initial=0) <= 1


@pytest.mark.parametrize(("method", "evaluations"), [("forward", 4), ("central", 6), ("central4", 12), ("complex", 3)])
def test_a_tridiagonal_jacobian_of_any_size_takes_three_perturbed_evaluations(method, evaluations):
    for n in (3, 100, 5000):
        call = counted(broyden)
        jacobian(call, np.ones(n), method=method, sparsity=(1, 1))
        assert call.calls == evaluations


def test_a_million_unknowns_fit_in_a_gibibyte():
    n = 10**6
    x = np.linspace(-1, 1, n)
    tracemalloc.start()
    try:
        J = jacobian(broyden, x, sparsity=(1, 1))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**30
    assert np.allclose(J.diagonal(), 3 - 4 * x, atol=1e-8)


def test_what_is_refused_as_a_pattern_is_named():
    for pattern, kind, match in [
        ((1, 1), ValueError, "^a band needs n, the number of columns; got None$"),
        ((1, -1), ValueError, r"^a band must be two whole numbers, lower and upper, not negative; got \(1, -1\)$"),
        ((1.0, 1), ValueError, r"^a band must be two whole numbers, .*; got \(1.0, 1\)$"),
        ("text", TypeError, "^sparsity must hold real numbers; got dtype <U4$"),
        ([1, 0], ValueError, r"^sparsity must have shape \(m, n\), or be a band \(lower, upper\); got shape \(2,\)$"),
        (([1, 0], [0, 1]), ValueError, None),
        (np.ones((0, 2)), ValueError, r"^sparsity must have rows and columns; got shape \(0, 2\)$"),
    ]:
        n = None if match and "None" in match else 5
        if match is None:
            assert sparsity_plan(pattern).colours == 1
            continue
        with pytest.raises(kind, match=match):
            sparsity_plan(pattern, n)


def test_a_pattern_is_left_as_it_was_given_and_zeros_that_it_stores_do_not_count():
    stored = scipy.sparse.csr_array(([1.0, 0.0, 1.0], [0, 1, 1], [0, 2, 3]), shape=(2, 2))
    plan = sparsity_plan(stored)
    assert plan.colours == 1
    assert stored.nnz == 3
    assert plan.indices.tolist() == [0, 1]
    assert plan.colour.dtype == np.intp


def test_a_plan_of_a_wide_matrix_keeps_its_last_columns():
    J = jacobian(lambda x: x[:2] * x[3:], [1.0, 2.0, 3.0, 4.0, 5.0], sparsity=np.eye(2, 5) + np.eye(2, 5, 3))
    assert J.shape == (2, 5)
    assert error(J, np.array([[4, 0, 0, 1, 0], [0, 5, 0, 0, 2]])) < 1e-9
    assert jacobian(lambda x: x[:1], np.ones(3), sparsity=np.array([[1, 0, 0]])).shape == (1, 3)


@pytest.mark.parametrize("band", [(0, 0), (2, 0), (0, 3), (9, 9), (1, 2)])
def test_a_band_has_as_many_colours_as_diagonals_and_indices_no_wider_than_needed(band):
    plan = sparsity_plan(band, 6)
    dense = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    below, above = np.tril(dense) <= band[0], np.triu(dense) <= band[1]
    assert np.array_equal(plan.array(np.ones(len(plan.indices))).toarray(), below & above)
    assert plan.colours == min(band[0], 5) + min(band[1], 5) + 1 - max(0, min(band[0], 5) + min(band[1], 5) - 5)
    assert plan.indices.dtype == plan.indptr.dtype == np.int32
    assert [np.arange(6)[group].tolist() for group in plan.groups] == [
        np.flatnonzero(plan.colour == c).tolist() for c in range(plan.colours)
    ]
    assert all(isinstance(group, slice) for group in plan.groups)  # a million columns take no list


@pytest.mark.parametrize(("method", "moved"), [("forward", 1), ("central", 2), ("central4", 4), ("complex", 1)])
def test_small_points_of_a_plan_go_to_a_vectorized_function_together_and_large_ones_in_turn(method, moved):
    for n, together in [(50, True), (2**15, False)]:
        seen = []
        f = lambda x, seen=seen: seen.append(x.shape) or x**2  # noqa: E731
        jacobian(f, np.ones(n), method=method, sparsity=(0, 0), vectorized=True)
        points = moved + (method == "forward")
        alone = [(n,)] * (1 if together else points)  # one is evaluated alone before the block, to be compared
        assert seen == alone + [(n, points)] * together


def test_a_block_of_compressed_columns_takes_what_it_may():
    pattern, x = np.ones((4, 6)), np.arange(1.0, 7.0)
    A = np.random.default_rng(8).standard_normal((4, 6))
    for method in ("forward", "central", "central4"):
        for max_bytes in (1, 8 * 4, 8 * 4 * 2, 8 * 4 * 5, 8 * 4 * 6, 10**6):
            J = jacobian(lambda x: A @ x, x, method=method, sparsity=pattern, max_bytes=max_bytes)
            assert error(J, A) < FORMULAS[method]


@pytest.mark.parametrize("shape", [(100, 30), (30, 100)])
def test_a_vectorized_function_is_given_all_points_of_a_plan_at_once_if_they_and_their_values_fit(shape):
    A = np.random.default_rng(9).standard_normal(shape)
    for max_bytes, together in [(8 * 100 * 2 * shape[1], True), (8 * 100 * 2 * shape[1] - 1, False)]:
        seen = []
        f = lambda x, seen=seen: seen.append(x.shape) or A @ x  # noqa: E731
        J = jacobian(f, np.ones(shape[1]), vectorized=True, sparsity=np.ones(shape), max_bytes=max_bytes)
        assert error(J, A) < FORMULAS["central"]
        assert ((shape[1], 2 * shape[1]) in seen) == together


def test_compressed_columns_of_many_rows_take_no_more_memory_than_they_may():
    rows, columns = 50_000, 64  # all columns together would take 26 MB
    pattern = scipy.sparse.csr_array(np.eye(rows, columns) + np.eye(rows, 1))
    f = lambda x: np.concatenate([[x.sum()], x[1:] ** 2, np.zeros(rows - columns)])  # noqa: E731
    plan = sparsity_plan(pattern)
    assert plan.colour.tolist() == list(range(columns))  # column by column
    tracemalloc.start()
    try:
        J = jacobian(f, np.ones(columns), sparsity=plan, max_bytes=36 * 8 * rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error(J[:columns], np.vstack([np.ones(columns), 2 * np.eye(columns)[1:]])) < 1e-8
    assert 36 * 8 * rows < peak < 40 * 8 * rows  # the block, and what f makes


def test_the_complex_step_divides_each_column_by_its_own_step():
    pattern, steps_ = np.eye(3), [1e-30, 1e-40, 1e-50]
    J = jacobian(lambda x: x**3, [1.0, 2.0, 3.0], method="complex", sparsity=pattern, step=steps_)
    assert error(J, np.diag([3.0, 12.0, 27.0])) < 1e-14
    J = jacobian(lambda x: x**3, [1.0, 2.0, 3.0], method="complex", sparsity=pattern, step=1e-30)
    assert error(J, np.diag([3.0, 12.0, 27.0])) < 1e-14


def test_a_plan_serves_many_points_and_shares_nothing_with_its_results():
    plan = sparsity_plan((1, 1), 50)
    before = copy.deepcopy(plan.indices)
    for seed in range(3):
        x = np.random.default_rng(seed).standard_normal(50)
        J = jacobian(broyden, x, sparsity=plan)
        assert error(J, broyden_jacobian(x)) < 1e-9
        J.indices[:] = 0
        J.data[:] = 0
    assert np.array_equal(plan.indices, before)


# --- complex ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (np.abs, "np.absolute"),
        (lambda x: x * abs(x[0]), "np.absolute"),
        (lambda x: np.maximum(x, 0), "np.maximum"),
        (lambda x: np.where(x > 0, x, 0 * x), "np.greater"),
        (lambda x: x if x[0] < 1 else 2 * x, "np.less"),
        (lambda x: x.clip(0, 1), "np.clip"),
        (lambda x: x * x.max(), "np.maximum"),
        (lambda x: x * max(x), "np.greater"),
        (lambda x: x / np.linalg.norm(x), "np.norm"),
        (lambda x: x.real + 0j, "x.real"),
        (lambda x: x * np.real(x), "np.real"),
        (lambda x: x * x.conj(), "np.conjugate"),
        (lambda x: x.astype(float), r"astype\(float64\)"),
        (lambda x: x[np.argsort(x)], "np.argsort"),
        (lambda x: x - x[x.argmax()], "sorting"),
        (lambda x: x - np.median(x), "np.median"),
        (lambda x: np.exp(x) / np.std(x), "np.std"),
        (lambda x: np.concatenate([x[1:], abs(x[:1])]), "np.absolute"),
        (lambda x: np.sin(np.stack([x[0], x[1]])) ** 2 // 1, "floor_divide"),
    ],
)
def test_the_complex_step_refuses_what_it_sees_not_to_be_analytic(f, what):
    for vectorized in (False, True):
        with pytest.raises((ValueError, TypeError), match=what):
            jacobian(f, [-1.5, 2.0], method="complex", vectorized=vectorized)


@pytest.mark.parametrize(
    ("f", "match"),
    [
        (lambda x: np.array([1.0, 2.0]), "complex at complex points; got dtype float64"),
        (lambda x: np.log(x), "real at real points; entry 0 has the imaginary part 3.14159"),
        (lambda x: np.sqrt(x), "real at real points; entry 0 has the imaginary part 1.22474"),
        (lambda x: np.arcsin(x), "real at real points"),
        (lambda x: np.sqrt(x + 1.5), r"real at real points; entry 0 .*: a root .* its domain, or at its edge\?$"),
    ],
)
def test_the_complex_step_refuses_values_that_are_not_real_on_the_real_line(f, match):
    with pytest.raises(ValueError, match=match):
        jacobian(f, [-1.5, 2.0], method="complex")


def test_a_root_at_the_edge_of_its_domain_is_told_at_the_point_0_too():
    with pytest.raises(ValueError, match=r"entry 0 has the imaginary part 1.5708"):
        jacobian(np.log, [0.0], method="complex")
    with pytest.raises(ValueError, match="one-dimensional, and not empty"):
        jacobian(lambda x: x[:0], [1.0], method="complex")


def test_a_function_that_cannot_be_remembered_is_watched_too():
    class Unhashable:
        __hash__ = None

        def __call__(self, x):
            return abs(x)

    with pytest.raises(NotAnalyticError, match="absolute"):
        jacobian(Unhashable(), [-1.0], method="complex")


def test_a_watched_point_may_be_written_into():
    def f(x):
        y = 0 * x
        np.exp(x, out=y)
        return y

    assert error(jacobian(f, [1.0, 2.0], method="complex"), np.diag(np.exp([1.0, 2.0]))) < 1e-14


def test_a_watched_point_is_cast_as_numpy_casts():
    z = watched(np.array([1.0 + 2.0j]))
    assert z.astype("complex64").dtype == np.complex64
    assert isinstance(z.astype("complex64"), WatchedPoint)
    assert z.astype(complex, copy=False) is z
    with pytest.raises(NotAnalyticError, match=r"and astype\(float32\) is not; take"):
        z.astype("float32")


def test_the_complex_step_takes_what_is_analytic_in_whatever_way_it_is_written():
    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    for f, g in [
        (lambda x: np.einsum("ij,j->i", A, np.exp(x)), lambda x: A @ jnp.exp(x)),
        (lambda x: np.linalg.solve(A, x**3), lambda x: jnp.linalg.solve(A, x**3)),
        (lambda x: [x[0] / x[1], x.sum(), x.mean()], lambda x: jnp.array([x[0] / x[1], x.sum(), x.mean()])),
        (lambda x: np.hstack([x[1:], np.sinh(x[:1])]) ** 2.5, lambda x: jnp.hstack([x[1:], jnp.sinh(x[:1])]) ** 2.5),
        (lambda x: np.add(x, x, out=np.empty(2, complex)) * x.prod(), lambda x: 2 * x * x.prod()),
        (lambda x: np.where([True, False], x, 1) * np.log(x), lambda x: jnp.array([x[0], 1]) * jnp.log(x)),
    ]:
        x = np.array([0.7, 1.9])
        assert error(jacobian(f, x, method="complex"), np.asarray(jax.jacfwd(g)(x))) < 1e-14


def test_the_complex_step_is_exact_at_any_scale():
    for s in 10.0 ** np.arange(-40, 41, 4):
        J = jacobian(lambda x, s=s: np.sin(x / s), [1.3 * s], method="complex")[0, 0]
        assert J * s == pytest.approx(np.cos(1.3), rel=1e-15)


# --- dual -------------------------------------------------------------------------------------------------------------


def test_dual_hands_over_to_forward_mode_dense_and_sparse():
    x = np.random.default_rng(8).standard_normal(30)
    exact = broyden_jacobian(x)

    def f(x):  # duals are not written into
        zero = 0 * x[:1]
        return (3 - 2 * x) * x + 1 - np.concatenate([zero, x[:-1]]) - 2 * np.concatenate([x[1:], zero])

    assert error(jacobian(f, x, method="dual"), exact) < 1e-15
    J = jacobian(f, x, method="dual", sparsity=(1, 1))
    assert isinstance(J, scipy.sparse.csr_array)
    assert error(J, exact) < 1e-15
    with pytest.raises(ValueError, match=r"the value of f must have shape \(30,\) at every point; got \(29,\)"):
        jacobian(lambda x: f(x)[1:], x, method="dual", sparsity=(1, 1))


# --- adaptive ---------------------------------------------------------------------------------------------------------


def test_adaptive_finds_the_scale_of_f_by_itself():
    for s in 10.0 ** np.arange(-8, 13):
        result = jacobian(lambda x, s=s: np.sin(x / s), [1.3 * s], method="adaptive")
        true = abs(result.J[0, 0] * s / np.cos(1.3) - 1)
        assert true < 1e-12
        assert true < 10 * result.error[0, 0] * s
        assert result.points == 15


def test_adaptive_finds_a_scale_unlike_x_or_says_that_it_cannot():
    for s in 10.0 ** np.arange(-12, 7):
        for x in (0.0, 1.0):
            result = jacobian(lambda z, s=s, x=x: np.sin((z - x) / s), [x], method="adaptive")
            assert abs(result.J[0, 0] - 1 / s) <= 10 * result.error[0, 0]
            if s > 1e-8:
                assert result.error[0, 0] < 1e-6 / s


SMOOTH = [
    np.sin, np.cos, np.tanh, np.arctan, np.square,
    lambda z: np.exp(z / 2), lambda z: np.log1p(z * z), lambda z: 1 / (1 + z * z),
    lambda z: z**3, lambda z: np.sqrt(1 + z * z), lambda z: np.exp(-z * z),
]  # fmt: skip


def random_smooth(rng, n=3, m=4):
    """A function of n entries to m: sums of products and compositions of `SMOOTH`, at a random scale; and a point."""

    def term():
        which, size = rng.integers(len(SMOOTH), size=2), 10 ** rng.uniform(-1, 0.7)
        return *rng.standard_normal((2, n)), *rng.standard_normal(3), *which, size, rng.random() < 0.5

    terms = [[term() for _ in range(rng.integers(1, 4))] for _ in range(m)]
    scale = 10 ** rng.uniform(-6, 6)

    def f(x):
        z, y = x / scale, []
        for row in terms:
            y.append(0)
            for a, b, c, p, q, i, j, k, nested in row:
                u, v, s, t = SMOOTH[i], SMOOTH[j], k * (a @ z), b @ z
                y[-1] = y[-1] + c * (u(p + v(s + q)) if nested else u(s + p) * v(t + q))
        return np.array(y)

    return f, scale * rng.standard_normal(n) * 10 ** rng.uniform(-1, 1, n)


def test_the_true_error_is_within_ten_times_the_estimate_on_99_percent_of_entries():
    rng, ratios, errors = np.random.default_rng(7), [], []
    for _ in range(400):
        f, x = random_smooth(rng)
        with np.errstate(all="ignore"):
            exact = jacobian(f, x, method="complex") if np.isfinite(f(x + 0j)).all() else np.array([np.nan])
        if not np.isfinite(exact).all():
            continue
        result = jacobian(f, x, method="adaptive")
        true = np.abs(result.J - exact)
        ratios.append((true / np.maximum(result.error, 1e-300)).ravel())
        errors.append((result.error / np.abs(exact).max(axis=0)).ravel())
    ratios, errors = np.concatenate(ratios), np.concatenate(errors)
    assert len(ratios) > 4000
    assert np.mean(ratios > 10) < 0.01
    assert np.median(errors) < 1e-12  # and the estimate is no empty caution


@pytest.mark.parametrize(
    ("f", "x"),
    [(np.abs, 0.0), (lambda x: np.maximum(x, 0), 0.0), (np.cbrt, 0.0), (np.sign, 0.0), (lambda x: x * (x > 1.1), 1.1)],
)
def test_adaptive_owns_that_a_kink_or_a_jump_has_no_derivative(f, x):
    result = jacobian(f, [x], method="adaptive")
    assert result.error[0, 0] >= 0.5


def test_adaptive_says_how_much_cancellation_has_cost():
    result = jacobian(lambda x: (np.exp(x) + 1e6) - 1e6, [0.3], method="adaptive")
    true = abs(result.J[0, 0] - np.exp(0.3))
    assert 1e-12 < true < 10 * result.error[0, 0] < 1e-5


def ladders(rng, count, k=9):
    """Ladders of steps for one entry each, with all that may befall differences: (h, D, size, bend), shapes (k,)."""
    for i in range(count):
        h = 0.15 * 1.9 ** -np.arange(k) * 10 ** rng.uniform(-3, 3)
        D = rng.standard_normal(3) @ [h**0, h**2, h ** rng.choice([1, 4])] * 10 ** rng.uniform(-3, 3)
        D += rng.choice([0, 1e-12, 1e-6, 1e-3, 0.3]) * np.abs(D).max() * rng.standard_normal(k)
        size = np.abs(D) * rng.choice([0, 1e-3, 1, 1e6, 1e9]) * rng.choice([0.9, 1, 1.1]) ** np.arange(k)
        bend = 2.0 ** rng.integers(-20, 3) * rng.choice([0.25, 0.75, 1], k).cumprod()
        match i % 8:
            case 1:
                D[rng.integers(k) :] = 0  # all digits are lost
            case 2:
                D[rng.integers(k)] = 0
            case 3:
                D[: rng.integers(1, k + 1)] = np.nan  # outside of the domain
            case 4:
                D[rng.integers(k)] = np.inf
            case 5:
                D[rng.integers(1, k)] *= 2
            case 6:
                D[: k - 1] = np.nan
        yield h, D, size, bend


def candidate(h, D, size, bend, x, eps):
    """What `choose` promises, for one entry: each candidate of Neville's table in turn, by its definition."""
    k = len(D)
    rounding = [eps * (s + abs(x * d)) / step for s, d, step in zip(size, D, h, strict=True)]
    lost = [D[i] == 0 and size[i] > 0 and np.maximum.reduce(np.abs(D[:i]), initial=0) > 0 for i in range(k)]
    after = [bend[i + 1] > 0.75 * bend[i] for i in range(k - 1)]
    kink = [b if grows else 0 for b, grows in zip(bend, [*after, after[-1]], strict=True)]
    jumps = np.inf if lost[-1] else np.maximum.reduce([*np.abs(np.diff(D[-4:])), 10 * rounding[-1]])
    table = {(0, i): np.nan if lost[i] else D[i] for i in range(k)}
    best = D[-1], np.inf, 0, rounding[0]
    for p in range(1, 7):
        for i in range(p, k):
            above = table[p - 1, i]
            table[p, i] = above + (above - table[p - 1, i - 1]) / ((h[i - p] / h[i]) ** 2 - 1)
        moved = {i: abs(table[p, i] - table[p, i - 1]) if i > p else np.inf for i in range(p, k)}
        for i in range(p, k):
            change = np.maximum(moved[i], abs(table[p, i] - table[p - 1, i]))
            for further in range(1, min(3, k - 1 - i) + 1):
                change = np.fmax(change, moved[i + further] / 1.9**further)
            change *= 2.0 ** max(0, 3 - (k - 1 - i))
            away = abs(table[p, i] - D[-1])
            error = np.maximum(change, away if away > 3 * jumps else kink[i]) + rounding[i]
            if np.isfinite(table[p, i]) and error < best[1]:
                best = table[p, i], error, i, rounding[i]
    J, error, rung, noise = best
    last = np.abs(D[-7:])
    grows = any(below > above for above, below in itertools.pairwise(last))
    if grows and abs(D[-1] - D[-2]) > 0.1 * last[-1] > 10 * rounding[-1] and error > 0.1 * abs(J):
        error = np.inf
    return J, error, rung, noise


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_candidate_that_is_chosen_is_that_of_the_definition_worked_out_by_hand():
    rng = np.random.default_rng(3)
    for k in (7, 9, 14):
        entries = list(ladders(rng, 160, k))
        h, D, size, bend = (np.stack(each, axis=1) for each in zip(*entries, strict=True))
        D, size, bend = (np.stack([each, each[:, ::-1]], axis=1) for each in (D, size, bend))  # m = 2, b = 160
        x = rng.choice([0.0, 1.0, 1e3], 160)
        for eps in (2.0**-52, 2.0**-23):
            J, error, rung, noise = choose(Ladder(h, D, size, bend), x, eps)
            assert rung.dtype.kind == "i"
            for i, j in np.ndindex(J.shape):
                expected = candidate(h[:, j], D[:, i, j], size[:, i, j], bend[:, i, j], x[j], eps)
                np.testing.assert_allclose(
                    [J[i, j], error[i, j], noise[i, j]], np.take(expected, [0, 1, 3]), rtol=1e-12
                )
                assert rung[i, j] == expected[2]


@pytest.mark.parametrize(("dtype", "eps"), [(float, 2.0**-52), (np.float32, 2.0**-23), (int, 2.0**-52)])
def test_a_second_round_has_all_rungs_of_the_columns_that_are_left_and_the_precision_of_f(monkeypatch, dtype, eps):
    def recorded(ladder, x, eps):
        seen.append((ladder, x, eps))
        return choose(ladder, x, eps)

    seen = []
    monkeypatch.setattr("jacobians.adaptive.choose", recorded)
    richardson(lambda x: np.abs(2**30 * x).astype(dtype), np.array([4096.0, 0.0, 0.0]))
    assert {each[2] for each in seen} == {eps}
    assert [each[1].tolist() for each in seen[:2]] == [[4096.0, 0.0, 0.0], [0.0, 0.0]]
    for rounds, (ladder, _, _) in enumerate(seen[1:], start=2):
        assert ladder.D.shape == ladder.bend.shape == ladder.size.shape == (7 * rounds, 3, 2)
        assert ladder.h[:, 1] == pytest.approx(0.15 * 1.9 ** -np.arange(7.0 * rounds), rel=1e-12)


@pytest.mark.parametrize(
    ("J", "error", "rung", "noise", "goes_on"),
    [
        (1, 1e-11, 6, 0, False),
        (1, 1.01e-11, 6, 0, True),
        (4, 4e-11, 6, 0, False),
        (1, 0.01, 3, 0, False),
        (1, 0.01, 4, 1, True),
        (1, 0.0101, 3, 0, True),
        (4, 0.04, 3, 0, False),
        (1, 2.0**-5, 3, 2.0**-10, False),
        (1, 2.0**-5 + 2.0**-12, 3, 2.0**-10, True),
    ],
)
def test_a_column_is_done_when_its_error_is_small_or_no_step_below_helped(monkeypatch, J, error, rung, noise, goes_on):
    answers = [[J, error, rung, noise], [J, 0, rung, noise]]
    monkeypatch.setattr("jacobians.adaptive.choose", lambda *_: [np.array([[each]]) for each in answers.pop(0)])
    richardson(np.sin, np.ones(1))
    assert len(answers) == (0 if goes_on else 1)


# --- bad input --------------------------------------------------------------------------------------------------------

BAD = [
    ("nan", [np.nan, 1.0], {}, ValueError, "x must be finite; got nan at index 0"),
    ("infinity", [1.0, np.inf], {}, ValueError, "x must be finite; got inf at index 1"),
    ("complex", [1j, 2.0], {}, TypeError, "x must hold real numbers.*; got dtype complex128"),
    ("text", ["a", "b"], {}, TypeError, "x must hold real numbers"),
    ("ragged", [[1.0], [1.0, 2.0]], {}, TypeError, "x must hold real numbers in a regular array"),
    ("scalar", 1.0, {}, ValueError, "x must be one-dimensional; got a scalar"),
    ("empty", [], {}, ValueError, r"x must have at least one entry; got shape \(0,\)"),
    ("matrix", np.ones((2, 3)), {}, ValueError, r"x must be one-dimensional; got shape \(2, 3\)"),
    ("method", [1.0, 2.0], {"method": "best"}, ValueError,
     "method must be one of forward, central, central4, complex, adaptive, dual; got 'best'"),
    ("step zero", [1.0, 2.0], {"step": 0}, ValueError, "step must be positive for method 'central'; got 0.0"),
    ("step left", [1.0, 2.0], {"step": -1e-5}, ValueError, "step must be positive for method 'central'; got -1e-05"),
    ("step zero, forward", [1.0, 2.0], {"step": 0, "method": "forward"}, ValueError, "step must not be zero; got 0.0"),
    ("one step left", [1.0, 2.0], {"step": [1e-5, -1e-6]}, ValueError, "step must be positive .*; got -1e-06"),
    ("step lost above", [1.0, 2.0], {"step": 1e-16}, ValueError, "step must change x; 1e-16 is lost beside 1.0 at"),
    ("step lost", [1.0, 1e16], {"step": 1e-5}, ValueError, r"step must change x; .* lost beside 1e\+16 at index 1"),
    ("step shape", [1.0, 2.0], {"step": [1, 1, 1]}, ValueError, r"number or have shape \(2,\); got shape \(3,\)"),
    ("step text", [1.0, 2.0], {"step": "small"}, TypeError, "step must hold real numbers"),
    ("step, adaptive", [1.0, 2.0], {"step": -1, "method": "adaptive"}, ValueError,
     r"^step must be positive, one number or of shape \(2,\); got -1.0$"),
    ("step zero, adaptive", [1.0, 2.0], {"step": [1, 0], "method": "adaptive"}, ValueError, r"got \[1. 0.\]$"),
    ("step shape, adaptive", [1.0, 2.0], {"step": [1, 1, 1], "method": "adaptive"}, ValueError, "^step must be "),
    ("step text, adaptive", [1.0, 2.0], {"step": "small", "method": "adaptive"}, TypeError, "^step must hold real "),
    ("step, dual", [1.0, 2.0], {"step": 1e-5, "method": "dual"}, ValueError, "method 'dual' takes no step; got 1e-05"),
    ("sparse, adaptive", [1.0, 2.0], {"sparsity": (1, 1), "method": "adaptive"}, ValueError,
     "^method 'adaptive' takes no sparsity; take 'central4' or 'complex'$"),
    ("memory", [1.0, 2.0], {"max_bytes": 0}, ValueError, "max_bytes must be positive; got 0"),
    ("pattern", [1.0, 2.0], {"sparsity": np.ones((2, 3))}, ValueError, r"have 2 columns.*; got shape \(2, 3\)"),
    ("pattern rows", [1.0, 2.0], {"sparsity": np.ones((3, 2))}, ValueError, r"f must have shape \(3,\).*; got \(2,\)"),
    ("pattern shape", [1.0, 2.0], {"sparsity": np.ones(2)}, ValueError, r"have shape \(m, n\).*; got shape \(2,\)"),
    ("pattern empty", [1.0, 2.0], {"sparsity": np.ones((0, 2))}, ValueError, r"columns; got shape \(0, 2\)"),
    ("band", [1.0, 2.0], {"sparsity": (-1, 1)}, ValueError, r"a band must be two whole numbers.*; got \(-1, 1\)"),
]  # fmt: skip


@pytest.mark.parametrize(("max_bytes", "points"), [(1, 2), (3200, 2), (6400, 4), (16000, 10), (320_000, 200)])
def test_a_block_is_as_wide_as_memory_allows(max_bytes, points):
    """Two points of 100 numbers for a column: 1600 bytes, and as much for the values."""
    seen = []
    jacobian(lambda x: seen.append(x.shape) or x**2, np.ones(100), vectorized=True, max_bytes=max_bytes)
    assert max(shape[1] for shape in seen if len(shape) > 1) == points


@pytest.mark.parametrize(("max_bytes", "points"), [(1, 14), (16 * 7 * 8 * 12 * 2, 28)])
def test_an_adaptive_block_is_so_too(max_bytes, points):
    seen = []
    f = lambda x: seen.append(x.shape) or x**2  # noqa: E731
    jacobian(f, np.ones(6), method="adaptive", vectorized=True, max_bytes=max_bytes)
    assert max(shape[1] for shape in seen if len(shape) > 1) == points


def test_a_sparse_jacobian_in_single_precision_stays_sparse():
    J = jacobian(lambda x: (x**2).astype(np.float32), np.ones(4), sparsity=(0, 0))
    assert isinstance(J, scipy.sparse.csr_array)
    assert error(J, 2 * np.eye(4)) < 1e-3


def test_a_sparse_jacobian_by_dual_numbers_need_not_be_square():
    f, x, pattern = lambda x: x[:1] * x[1:], np.arange(1.0, 5), np.ones((3, 4))
    assert error(jacobian(f, x, method="dual", sparsity=pattern), jacobian(f, x, method="dual")) == 0
    with pytest.raises(ValueError, match=r"the value of f must have shape \(2,\) at every point; got \(3,\)"):
        jacobian(f, x, method="dual", sparsity=pattern[:2])


@pytest.mark.parametrize(("x", "options", "kind", "match"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input_is_refused_in_a_sentence(x, options, kind, match):
    with pytest.raises(kind, match=match):
        jacobian(example, x, **options)


def grows(x):
    return np.ones(2 if x[0] <= 1 else 3)


@pytest.mark.parametrize(
    ("f", "kind", "match"),
    [
        (np.sum, ValueError, "the value of f must be one-dimensional, and not empty; got a scalar"),
        (lambda x: np.outer(x, x), ValueError, r"one-dimensional, and not empty; got shape \(2, 2\)"),
        (lambda x: [], ValueError, r"one-dimensional, and not empty; got shape \(0,\)"),
        (lambda x: [1.0, [2.0]], TypeError, "numbers in a regular array"),
        (lambda x: None, TypeError, "must hold real numbers; got dtype object"),
        (lambda x: x + 1j, TypeError, "must hold real numbers; got dtype complex128"),
        (lambda x: x > 0, TypeError, "must hold real numbers; got dtype bool"),
        (lambda x: np.ma.array(x, mask=[True, False]), TypeError, "must hold numbers; got a masked array"),
        (lambda x: ["a", "b"], TypeError, "must hold real numbers; got dtype"),
        (grows, ValueError, r"must have shape \(.,\) at every point; got \(.,\)"),
        (lambda x: x * np.nan, ValueError, r"f must be finite near x; got nan at index \(?0"),
        (lambda x: np.array([x[0], np.inf]), ValueError, "f must be finite near x; got (nan|inf)"),
        (3, TypeError, "'int' object is not callable"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_a_value_of_f_that_is_no_vector_of_real_numbers_is_refused(f, kind, match):
    for method in ("central", "forward", "adaptive"):
        with pytest.raises(kind, match=match):
            jacobian(f, [1.0, 3.0], method=method)
    with pytest.raises(kind, match=match):
        jvp_numerical(f, [1.0, 3.0], [1.0, 1.0])


def test_a_masked_value_is_refused_and_a_long_point_is_noted_in_short():
    with pytest.raises(TypeError, match=r"^the value of f must hold numbers; got a masked array$"):
        jacobian(lambda x: np.ma.array(x, mask=True), [1.0, 2.0])
    for n, point in [(6, "[2. 2. 3. 4. 5. 6.]"), (7, "[2. 2. 3. ... 5. 6. 7.]")]:
        with pytest.raises(ZeroDivisionError) as caught:
            jacobian(lambda x: 1 // 0, np.arange(1.0, n + 1), method="forward", step=1)
        assert caught.value.__notes__ == [f"f raised this at the point {point}"]


def test_an_infinite_derivative_is_refused_with_its_index_and_advice():
    for routine, where in [(jacobian, r"\(1, 0\)"), (lambda f, x: jvp_numerical(f, x, [1.0, 0.0]), "1")]:
        advice = "At the edge of its domain take method 'forward', with a step that leads inside"
        with pytest.raises(ValueError, match=rf"^f must be finite near x; got inf at index {where}\. {advice}$"):
            routine(lambda x: np.array([x[1], np.inf if x[0] > 1 else 0.0]), [1.0, 3.0])


def test_what_f_raises_goes_through_with_a_note_of_the_point():
    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        jacobian(f, [1.0, 2.0])
    assert "f raised this at the point [1.0" in caught.value.__notes__[0]
    with pytest.raises(KeyError, match="mine"):
        jacobian(f, [1.0, 2.0], vectorized=True)


@pytest.mark.parametrize(
    ("f", "match"),
    [
        (lambda x: x / np.sum(x), "treat each column by itself; entry . of a value is"),
        (lambda x: x - np.mean(x), "treat each column by itself"),
        (
            lambda x: np.array([1.0, 2.0, 3.0]) * x.T,
            r"must return shape \(3, 6\) for points of shape \(3, 6\); got \(6, 3\)",
        ),
        (lambda x: np.array([np.linalg.norm(x)]), r"must return shape \(1, 6\).*; got \(1,\)"),
    ],
)
def test_a_vectorized_function_that_mixes_its_columns_is_refused(f, match):
    with pytest.raises(ValueError, match=match):
        jacobian(f, [1.0, 2.0, 4.0], vectorized=True)
    J = jacobian(f, [1.0, 2.0, 4.0])  # one by one, all is well
    assert np.isfinite(J).all()


def test_a_branch_of_a_vectorized_function_raises_with_a_note():
    with pytest.raises(ValueError, match="truth value") as caught:
        jacobian(lambda x: x if x[0] > 0 else -x, [1.0, 2.0], vectorized=True)
    assert "4 points at once, the columns of shape (2, 4)" in caught.value.__notes__[0]


@pytest.mark.parametrize("part", [1e-3, 1e-3j])
def test_a_vectorized_function_whose_block_differs_in_one_part_is_refused(part):
    with pytest.raises(ValueError, match=r"^a vectorized f must treat each column by itself; entry 1 of a value is "):
        jacobian(lambda x: x + part * (x.ndim > 1) * np.array([0, 1]).reshape(2, *[1] * (x.ndim - 1)), [1.0, 2.0],
                 method="complex", vectorized=True)  # fmt: skip
    moved = lambda x: x if x.ndim == 1 else x * (1 + 1e-15)  # noqa: E731
    assert error(jacobian(moved, [1.0, 2.0], method="complex", vectorized=True), np.eye(2)) < 1e-14


def test_a_vectorized_function_whose_zeros_differ_in_sign_alone_is_taken():
    assert not jacobian(lambda x: x * (-0.0 if x.ndim == 1 else 0.0), [1.0, 2.0], vectorized=True).any()


def test_a_vectorized_function_that_is_infinite_is_refused_without_a_warning():
    with pytest.raises(ValueError, match=r"^f must be finite near x; got inf at index"):
        jacobian(lambda x: np.stack([np.where(x[0] > 1, np.inf, 0), x[1] + 1e-15 * x.ndim]), [1, 2], vectorized=True)


def test_a_vectorized_function_that_is_real_at_complex_points_is_refused():
    with pytest.raises(
        TypeError, match=r"^the value of f must hold complex .*, at a complex point; got dtype float64$"
    ):
        jacobian(lambda z: z if z.ndim == 1 else z.real, [1.0, 2.0], method="complex", vectorized=True)


def test_a_vectorized_function_may_compute_in_complex_numbers_of_more_digits():
    J = jacobian(lambda x: x.astype(np.clongdouble) * 3, [1.0, 2.0], method="complex", vectorized=True)
    assert error(J, 3 * np.eye(2)) < 1e-15


def test_the_points_are_counted_one_by_one_and_together():
    alone, together = (jacobian(np.sin, [1.0, 2.0, 3.0], method="adaptive", vectorized=v) for v in (False, True))
    assert alone.points == 1 + 14 * 3
    assert together.points - alone.points == 1  # the first point of the block, which was also evaluated alone


def test_a_vectorized_function_is_compared_once():
    seen = []
    f = lambda x: seen.append(x.ndim) or x**2  # noqa: E731
    jacobian(f, np.ones(6), vectorized=True, max_bytes=1)
    assert seen == [1] + [2] * (len(seen) - 1)
    assert len(seen) > 3


def test_at_the_edge_of_a_domain_a_step_that_leads_inside_answers():
    def f(x):
        return x**1.5

    with pytest.warns(RuntimeWarning, match="invalid value"), pytest.raises(ValueError, match="take method 'forward'"):
        jacobian(f, [0.0])
    assert abs(jacobian(f, [0.0], method="forward")[0, 0]) < 1e-3
    J = jacobian(lambda x: f(1 - x), [1.0], method="forward", step=-1e-8)
    assert abs(J[0, 0]) < 1e-3


@pytest.mark.parametrize("step", [0.25, [0.25, 0.25]])
def test_the_adaptive_method_begins_at_the_step_that_it_is_given(step):
    seen = []
    jacobian(lambda x: seen.append(x) or np.sin(x), [3.0, 5.0], method="adaptive", step=step, vectorized=False)
    assert np.abs(np.array(seen) - [3.0, 5.0]).max(axis=0) == pytest.approx([0.25, 0.25], rel=1e-12)


def test_what_differences_cannot_see_is_what_the_docstring_says():
    assert jacobian(np.abs, [0.0])[0, 0] == 0
    h = steps(np.zeros(1), "central")[0]
    assert jacobian(lambda x: 1 / x, [0.0])[0, 0] == pytest.approx(1 / h**2)
    assert richardson(np.abs, np.zeros(1)).error[0, 0] == pytest.approx(1)


def test_the_table_of_odd_input_says_what_the_routines_answer():
    letters = {word: letter for letter, word in odd.WORDS.items()}
    body = odd.table().body
    for column, expected in enumerate(
        ["rrrreeeeeereeeeeaearara", "rrrreeeeeereeeeereeeerr", "rrrreeeeeereeeeereersrr"], start=1
    ):
        assert "".join(letters[row[column]] for row in body) == expected, odd.table().head[column]
    assert all(len(words) == len(body) for words in odd.NOT_INSTALLED.values())


def test_what_came_of_a_call_is_told_by_its_answer_alone():
    def told(J, error=None, exact=None):
        return odd.outcome(lambda f, x: (J, error), None, None, exact)

    assert told(np.array([[1.0, np.nan]])) == "NaN"
    assert told(np.array([1.0]), exact=np.array([[1.0 + 1e-7]])) == "right"
    assert told(np.array([1.0]), exact=np.array([1.0, 1.0])) == "a number"
    assert told(np.arange(4.0), exact=np.arange(4.0).reshape(2, 2)) == "right"
    assert told(np.array([1.0]), np.array([1e-3]), exact=np.array([2.0])) == "says so"
    assert told(np.array([1.0]), np.array([1e-9]), exact=np.array([2.0])) == "a number"
    assert told(np.array([1e-3]), np.array([1e-8]), exact=np.array([2.0])) == "says so"
    assert told(np.zeros(0), np.zeros(0)) == "a number"


def test_the_peer_of_scipy_is_asked_for_its_derivative_and_its_error():
    J, error_ = odd.scipy_differentiate(lambda x: np.stack([np.sin(x[0]) + x[1], x[0] * x[1]]), np.array([0.5, 2.0]))
    np.testing.assert_allclose(J, [[np.cos(0.5), 1.0], [2.0, 0.5]], rtol=1e-9, atol=1e-9)
    assert (error_ < 1e-6).all()
    error_ = odd.scipy_differentiate(lambda x: np.abs(x) * np.where(x < 0, np.nan, 1), np.array([0.0]))[1]
    assert np.isinf(error_).all()


def test_a_function_is_watched_once_and_refused_each_time():
    def analytic(x):
        seen.append(type(x))
        return x**2

    seen = []
    for _ in range(3):
        jacobian(analytic, [1.0], method="complex")
    assert [kind.__name__ for kind in seen] == ["WatchedPoint", "ndarray", "ndarray"]
    for _ in range(2):
        with pytest.raises(ValueError, match=r"np\.absolute"):
            jacobian(np.abs, [1.0], method="complex")


def test_a_function_that_passed_is_still_refused_off_its_domain():
    def log(x):
        return np.log(x)

    assert jacobian(log, [2.0], method="complex")[0, 0] == 0.5
    with pytest.raises(ValueError, match="real at real points"):
        jacobian(log, [-1.0], method="complex")


# -- Numbers below the smallest normal one ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1e-300, 1e300])
def test_a_tangent_of_any_size_is_pushed_forward(size):
    Jt = jvp_numerical(lambda x: np.array([x[0] * x[1], np.sin(x[0]), 3 * x[1]]), [0.5, 2.0], [0.0, size])
    np.testing.assert_allclose(Jt, np.array([0.5, 0.0, 3.0]) * size, rtol=1e-9, atol=5e-324)


@pytest.mark.parametrize("tiny", [5e-324, -1e-310, 2e-308])
def test_a_point_below_the_smallest_normal_number_is_stepped_from_as_0_is(tiny):
    found = jacobian(lambda x: np.array([np.sin(x[0]) + x[1], np.exp(x[0])]), [tiny, 1.0], method="adaptive")
    np.testing.assert_allclose(found.J, [[1, 1], [1, 0]], atol=1e-10)
    assert (found.error < 1e-9).all()
