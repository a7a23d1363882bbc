"""The Jacobian as an operator, held to matrices made by other means; and Newton's method with products only."""

import os
import re
import tracemalloc

import dask.array as da
import jax
import numpy as np
import pytest
from dask.distributed import Client, LocalCluster
from scipy.sparse.linalg import eigs, gmres, lsqr, svds

from jacobians import layers, scale
from jacobians.newton import bratu, newton, poisson
from jacobians.scale import as_linear_operator
from tests.counting import counted

RNG = np.random.default_rng(237)
W = RNG.standard_normal((7, 5))
X = RNG.standard_normal(5)
J = (1 - np.tanh(W @ X) ** 2)[:, None] * W


def layer(x):
    return np.tanh(W @ x)


def layer_vjp(x, v):
    return W.T @ ((1 - np.tanh(W @ x) ** 2) * v)


def broyden(x):
    zero = 0 * x[:1]
    return (3 - 2 * x) * x - np.concatenate([zero, x[:-1]]) - 2 * np.concatenate([x[1:], zero]) + 1


def operators(**options):
    return [
        (as_linear_operator(layer, X, vjp=vjp, method=method, **options), 1e-14 if method == "dual" else 1e-8)
        for vjp in (layer_vjp, None)
        for method in ("dual", "central")
    ]


@pytest.mark.parametrize("max_bytes", [1, 8 * 35, 2**28])
def test_each_product_is_that_with_the_matrix_whatever_memory_allows(max_bytes):
    T, V = RNG.standard_normal((5, 3)), RNG.standard_normal((7, 4))
    for A, tolerance in operators(max_bytes=max_bytes):
        assert A.shape == J.shape
        assert A.dtype == float
        for got, want in [
            (A @ T[:, 0], J @ T[:, 0]),
            (A @ T[:, :1], J @ T[:, :1]),
            (A @ T, J @ T),
            (A.T @ V[:, 0], J.T @ V[:, 0]),
            (A.H @ V, J.T @ V),
            (A.rmatmat(V), J.T @ V),
            (A.matvec(np.zeros(5)), np.zeros(7)),
        ]:
            assert got.shape == want.shape
            assert got.dtype == float
            np.testing.assert_allclose(got, want, atol=tolerance)


def test_a_complex_vector_is_multiplied_part_by_part():
    t, v = (RNG.standard_normal(size) + 1j * RNG.standard_normal(size) for size in (5, 7))
    for A, tolerance in operators():
        np.testing.assert_allclose(A @ t, J @ t, atol=tolerance)
        np.testing.assert_allclose(A.rmatvec(v), J.conj().T @ v, atol=tolerance)
        np.testing.assert_allclose(A.T @ v, J.T @ v, atol=tolerance)


def test_the_products_are_those_of_jax():
    def f(x, xp=np):
        return xp.stack([xp.sin(x[0]) * x[1], xp.exp(x[1] * x[2]), x[0] ** 2 / x[2], xp.sum(x * x)])

    x = np.array([0.3, -1.2, 0.7])
    with jax.enable_x64(True):
        matrix = np.asarray(jax.jacobian(lambda x: f(x, jax.numpy))(x))
        pullback = jax.vjp(lambda x: f(x, jax.numpy), x)[1]
        jax_vjp = as_linear_operator(f, x, vjp=lambda x, v: pullback(v)[0])
        np.testing.assert_allclose(jax_vjp.rmatmat(np.eye(4)), matrix.T, rtol=1e-12)
        jax_f = as_linear_operator(lambda x: f(x, jax.numpy), x, method="central")
        np.testing.assert_allclose(jax_f @ np.eye(3), matrix, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(as_linear_operator(f, x) @ np.eye(3), matrix, rtol=1e-13)


def test_the_transposed_product_is_the_adjoint_of_the_product():
    t, v = RNG.standard_normal(5), RNG.standard_normal(7)
    for A, tolerance in operators():
        assert v @ (A @ t) == pytest.approx((A.T @ v) @ t, abs=10 * tolerance)


def test_without_a_vjp_a_transposed_product_takes_n_over_k_evaluations_and_a_kept_matrix_none():
    x, v = RNG.standard_normal(100), RNG.standard_normal(100)
    per_tangent = 8 * scale.COPIES * 200
    f = counted(broyden)
    A = as_linear_operator(f, x, max_bytes=10 * per_tangent)  # less than the 80 000 bytes of J
    first, f.calls = A.rmatvec(v), 0
    A.rmatvec(v)
    assert f.calls == 10
    A = as_linear_operator(f, x, max_bytes=50 * per_tangent)
    f.calls = 0
    np.testing.assert_array_equal(A.rmatvec(v), first)
    assert f.calls == 2
    A.rmatvec(v)
    assert f.calls == 2


def test_with_a_vjp_a_transposed_product_asks_nothing_of_f():
    f = counted(layer)
    A = as_linear_operator(f, X, vjp=layer_vjp)
    f.calls = 0
    A.rmatmat(np.eye(7))
    assert f.calls == A.multiplied == 0
    A.matvec(X)
    assert f.calls == A.multiplied == 1


def test_memory_stays_within_its_bound():
    n, bound = 3000, 2**22  # J would take 72 MB
    A = as_linear_operator(broyden, RNG.standard_normal(n), max_bytes=bound)
    v = RNG.standard_normal(n)
    tracemalloc.start()
    A.rmatvec(v)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * bound


def test_the_point_is_copied():
    x = X.copy()
    A = as_linear_operator(layer, x)
    x[:] = 0
    np.testing.assert_allclose(A @ np.eye(5), J, atol=1e-14)


def test_scipy_finds_singular_values_eigenvalues_and_solutions_as_with_the_matrix():
    rng = np.random.default_rng(237)
    for A, tolerance in operators():
        np.testing.assert_allclose(
            svds(A, k=2, v0=np.ones(min(A.shape)))[1], np.linalg.svd(J)[1][1::-1], atol=tolerance
        )
        b = rng.standard_normal(7)
        want = np.linalg.lstsq(J, b)[0]
        np.testing.assert_allclose(lsqr(A, b, atol=1e-14, btol=1e-14)[0], want, atol=1e3 * tolerance)
    square = np.diag(np.arange(1.0, 31)) + np.triu(np.ones((30, 30)))
    A = as_linear_operator(lambda x: square @ np.sin(x), np.zeros(30))
    assert eigs(A, k=1, v0=np.ones(30))[0] == pytest.approx([31], rel=1e-10)
    b = rng.standard_normal(30)
    np.testing.assert_allclose(gmres(A, b, rtol=1e-12)[0], np.linalg.solve(square, b), rtol=1e-8)


def test_a_vector_may_stand_as_a_column():
    np.testing.assert_allclose(operator().matvec(X[:, None]), (J @ X)[:, None], rtol=1e-12)


def test_the_bound_on_memory_is_that_of_the_tangents_and_of_a_kept_matrix():
    for max_bytes, block in ((1, 1), (8 * 4 * (7 + 5), 1), (8 * 4 * (7 + 5) * 3, 3)):
        assert operator(max_bytes=max_bytes).block == block
    assert operator(max_bytes=8 * 7 * 5).keeps
    assert not operator(max_bytes=8 * 7 * 5 - 1).keeps


def test_an_operator_times_a_number_or_an_operator_is_an_operator():
    A = as_linear_operator(lambda x: x**2, np.arange(1.0, 4))
    for B in (A.dot(2.0), A @ (2.0 * as_linear_operator(lambda x: x, np.ones(3)))):
        np.testing.assert_allclose(B @ np.ones(3), [4, 8, 12])


def operator(f=layer, x=X, **options):
    return as_linear_operator(f, x, **options)


@pytest.mark.parametrize(
    ("error", "message", "action"),
    [
        (ValueError, "method must be one of dual, central; got 'reverse'", lambda: operator(method="reverse")),
        (TypeError, "f must be a function; got ndarray", lambda: operator(J)),
        (TypeError, "vjp must be a function; got ndarray", lambda: operator(vjp=J)),
        (ValueError, "max_bytes must be positive; got 0.0", lambda: operator(max_bytes=0)),
        (ValueError, "x must be one-dimensional; got shape (1, 5)", lambda: operator(x=X[None])),
        (ValueError, "x must be finite; got nan at index 0", lambda: operator(x=[np.nan])),
        (ValueError, "the value of f must be one-dimensional; got a scalar", lambda: operator(np.sum)),
        (ValueError, "the tangent must have shape (5,); got (7,)", lambda: operator() @ np.ones(7)),
        (ValueError, "the tangents must have shape (5, k); got (7, 2)", lambda: operator() @ np.ones((7, 2))),
        (ValueError, "the cotangent must have shape (7,); got (5,)", lambda: operator().rmatvec(X)),
        (ValueError, "the cotangents must have shape (7, k); got (5, 2)", lambda: operator().rmatmat(np.ones((5, 2)))),
        (ValueError, "the tangent must be finite; got inf at index (2, 0)", lambda: operator() @ [0, 0, np.inf, 0, 0]),
        (TypeError, "the tangent must hold real numbers; got dtype <U1", lambda: operator() @ list("abcde")),
        (ValueError, "the tangent must be finite; got nan at index (0, 0)", lambda: operator() @ (X + np.nan)),
        (ValueError, "the tangent must be finite; got inf at index (0, 0)",
         lambda: operator() @ np.full(5, complex(np.inf, 1))),
        (ValueError, "the tangent must be finite; got inf at index (0, 0)",
         lambda: operator() @ np.full(5, complex(1, np.inf))),
        (ValueError, "the tangent must have shape (5,); got (5, 2)", lambda: operator().matvec(np.ones((5, 2)))),
        (ValueError, "the tangent of f must be finite; got inf at index 0",
         lambda: operator(lambda x: x * 1e300) @ np.full(5, 1e300)),
        (ValueError, "f must return values of one shape, (7,); got (6,)",
         lambda: operator(lambda x: (W @ x)[hasattr(x, "primal") :]) @ X),
        (TypeError, "the cotangent must hold real numbers; got dtype <U1",
         lambda: operator().rmatmat(np.array([list("abcdefg")]).T)),
        (ValueError, "the value of vjp must have shape (5,); got (7,)",
         lambda: operator(vjp=lambda x, v: v).rmatvec(np.ones(7))),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(error, message, action):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        action()


@pytest.mark.parametrize("method", ["dual", "central"])
def test_newton_converges_quadratically(method):
    root = newton(broyden, -np.ones(50), tolerance=1e-13, method=method)
    assert np.max(np.abs(broyden(root.x))) < 1e-12
    q = np.array(root.residuals) / root.residuals[0]
    assert (q[2:-1] <= 2 * q[1:-2] ** 2).all()
    assert len(root.products) == len(q) - 1


def test_the_plate_is_as_hot_in_the_middle_as_bratu_plates_are():
    """An independent solution: Gauss-Seidel sweeps on a small grid, no Jacobian at all."""
    k, U = 9, np.zeros((11, 11))
    for _ in range(400):
        for i in range(1, k + 1):
            for j in range(1, k + 1):
                around = U[i - 1, j] + U[i + 1, j] + U[i, j - 1] + U[i, j + 1]
                U[i, j] = (around + 6 / (k + 1) ** 2 * np.exp(U[i, j])) / 4
    np.testing.assert_allclose(newton(bratu, np.zeros(k * k), solve=poisson).x, U[1:-1, 1:-1].ravel(), atol=1e-8)


def test_the_sine_transform_inverts_the_linear_part():
    b = RNG.standard_normal(36)
    np.testing.assert_allclose(bratu(poisson(b), rate=0.0), b, atol=1e-13)


def test_a_good_preconditioner_needs_as_few_products_on_a_fine_grid_as_on_a_coarse_one():
    coarse, fine = (newton(bratu, np.zeros(k * k), solve=poisson, tolerance=1e-6).products for k in (20, 80))
    assert np.abs(np.subtract(coarse, fine)).max() <= 1
    assert newton(bratu, np.zeros(400), tolerance=1e-6).products[0] > 5 * coarse[0]


def test_a_step_is_solved_no_finer_than_the_tolerance_asks_for():
    fine, coarse = (newton(bratu, np.zeros(400), tolerance=tolerance).products for tolerance in (1e-10, 1e-6))
    assert len(fine) > len(coarse)
    assert fine[-1] < min(fine[:-1])
    assert coarse[-1] < fine[3]


def test_newton_ends_as_soon_as_the_tolerance_is_reached():
    assert newton(lambda x: x**2, [2.0], tolerance=0.25, most=1).residuals == [4.0, 1.0]


def test_differences_find_the_root_of_what_takes_no_dual_numbers():
    found = newton(lambda x: np.array([float(x[0]) ** 2 - 2]), [2.0], method="central")
    assert found.x == pytest.approx([2**0.5])


SHIFT = np.eye(600)[0]  # GMRES gets nowhere with a shift before it has taken as many steps as there are entries


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("Newton must end in 3 steps; ‖f‖ is still 3.5e+00", lambda: newton(lambda x: x**2 + 1, [2.0], most=3)),
        ("Newton must end in 20 steps; ‖f‖ is still 1.2e+00", lambda: newton(lambda x: x**2 + 1, [2.0])),
        ("GMRES must solve step 1 to 1e-02 of f; it did not in 510 products",
         lambda: newton(lambda x: np.concatenate([x[-1:], x[:-1]]) - SHIFT, 0 * SHIFT)),
        ("Newton must stay where f is finite; after step 1 the value of f must be finite; got inf",
         lambda: newton(lambda x: np.where(x < 0, np.inf, x + 1), [1.0])),
        ("Newton must come nearer to a root; after step 9 ‖f‖ is 1.6, was 1.1", lambda: newton(np.arctan, [2.0])),
        ("GMRES must solve step 1 to 1e-02 of f; it did not in", lambda: newton(lambda x: 0 * x + 1, [2.0])),
    ],
)  # fmt: skip
def test_a_search_that_fails_says_at_which_step(message, action):
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}"):
        action()


def test_newton_asks_for_a_positive_tolerance():
    with pytest.raises(ValueError, match=re.escape("tolerance must be positive; got -1")):
        newton(np.sin, [1.0], tolerance=-1)


def test_newton_asks_for_as_many_equations_as_unknowns():
    with pytest.raises(ValueError, match=re.escape("the value of f must have shape (5,); got (7,)")):
        newton(layer, X)


def test_the_vjp_of_a_layer_serves_as_the_transposed_product():
    x, t, v = RNG.standard_normal((3, 20))
    for layer_of in (layers.relu, layers.tanh, layers.softplus, layers.softmax):
        A = as_linear_operator(layer_of.forward, x, vjp=layer_of.vjp, method="central")
        np.testing.assert_allclose(A @ t, layer_of.jacobian(x) @ t, atol=1e-8)
        np.testing.assert_allclose(A.T @ v, layer_of.jacobian(x).T @ v, atol=1e-14)


def test_a_vjp_is_the_same_on_a_cluster_of_two_processes_as_here():
    x, v = RNG.standard_normal((2, 10_000))
    lazy = layers.relu.vjp(da.from_array(x, chunks=1000), da.from_array(v, chunks=1000))
    assert isinstance(lazy, da.Array)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        np.testing.assert_array_equal(lazy.compute(), layers.relu.vjp(x, v))
        assert len({os.getpid(), *client.run(os.getpid).values()}) == 3
