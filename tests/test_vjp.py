"""The theorems of book/vjp.md."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jacobians import measure
from jacobians.jacobian import jacobian_numerical
from jacobians.vjp import relu, relu_jacobian, relu_vjp

numbers = st.floats(-1e6, 1e6)
pairs = st.integers(1, 40).flatmap(lambda n: arrays(float, (2, n), elements=numbers))


@given(pairs)
def test_the_vjp_is_the_explicit_product(pair):
    x, v = pair
    np.testing.assert_array_equal(relu_vjp(x, v), relu_jacobian(x).T @ v)


@given(pairs, st.integers(0, 2**32 - 1))
def test_the_vjp_is_the_transpose_of_the_jvp(pair, seed):
    x, v = pair
    t = np.random.default_rng(seed).standard_normal(len(x))
    assert v @ (relu_jacobian(x) @ t) == pytest.approx(relu_vjp(x, v) @ t, rel=1e-12, abs=1e-6)


def test_the_jacobian_is_the_one_of_central_differences_away_from_the_corner():
    x = np.array([-2.0, -0.1, 0.1, 3.0])
    np.testing.assert_allclose(relu_jacobian(x), jacobian_numerical(relu, x), atol=1e-9)


def test_at_the_corner_the_slope_is_zero_for_either_sign_of_zero():
    x = np.array([0.0, -0.0])
    assert relu_jacobian(x).tolist() == [[0, 0], [0, 0]]
    assert relu_vjp(x, [3.0, 4.0]).tolist() == [0, 0]


def test_integers_are_taken_and_arguments_kept():
    x, v = np.array([-1, 2]), np.array([3, 4])
    assert relu_vjp(x, v).tolist() == [0.0, 4.0]
    assert relu(x).tolist() == [0.0, 2.0]
    assert (x.tolist(), v.tolist()) == ([-1, 2], [3, 4])


@pytest.mark.parametrize(
    ("x", "v", "message"),
    [
        ([1.0, 2.0], [1.0], r"v must have shape \(2,\); got \(1,\)"),
        ([1.0, 2.0], 1.0, r"v must have shape \(2,\); got \(\)"),
        ([1.0, 2.0], [1.0, np.inf], r"v must be finite; got inf at index 1"),
        ([[1.0]], [1.0], r"x must be one-dimensional; got shape \(1, 1\)"),
        ([], [], r"x must have at least one entry; got shape \(0,\)"),
        ([np.nan], [1.0], r"x must be finite; got nan at index 0"),
    ],
)
def test_bad_input_is_named(x, v, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        relu_vjp(x, v)


@pytest.mark.parametrize("routine", [relu, relu_jacobian])
def test_bad_points_are_named_by_every_routine(routine):
    with pytest.raises(ValueError, match=r"^x must be finite; got nan at index 1$"):
        routine([1.0, np.nan])


def test_memory_grows_with_the_square_of_n_with_the_matrix_and_with_n_without():
    costs = measure.relu_costs(explicit_to=1000, to=10**6)
    assert measure.slope(costs.explicit, "bytes", last=2) == pytest.approx(2, abs=0.05)
    assert measure.slope(costs.vjp, "bytes", last=2) == pytest.approx(1, abs=0.05)
    assert costs.explicit[-1].bytes >= 8 * 1000**2


def test_the_guard_is_by_memory_and_says_where_it_stops():
    costs = measure.relu_costs(explicit_to=10**4, to=10**4, max_bytes=10**6)
    assert [c.n for c in costs.explicit] == [10, 20, 30, 50, 70, 100, 200, 300]
    assert [c.n for c in costs.vjp][-6:] == [1000, 2000, 3000, 5000, 7000, 10000]
    assert costs.refused == 500


def test_the_matrix_may_be_as_large_as_the_bytes_that_are_allowed():
    costs = measure.relu_costs(explicit_to=100, to=100, max_bytes=8 * 50**2)
    assert [c.n for c in costs.explicit] == [10, 20, 30, 50]
    assert costs.refused == 70
    costs = measure.relu_costs(explicit_to=20, to=30, max_bytes=10**9)
    assert [c.n for c in costs.explicit] == [10, 20]
    assert costs.refused == 0


def test_a_cost_is_the_peak_and_the_median_of_real_calls():
    calls = []
    found = measure.cost(7, lambda: calls.append(np.zeros(10**6).sum()), budget=0.0)
    assert found.n == 7
    assert 8e6 <= found.bytes < 9e6
    assert found.seconds > 0
    assert len(calls) == 5  # two to warm up, three to take the median of


def test_a_slope_is_the_power_of_n():
    costs = [measure.Cost(n, 3e-9 * n**1.5, n) for n in (10, 100, 1000)]
    assert measure.slope(costs) == pytest.approx(1.5)


def test_a_slope_needs_two_sizes():
    with pytest.raises(ValueError, match=r"^a slope needs at least two sizes; got 1$"):
        measure.slope([measure.Cost(1, 1.0, 1)])


def test_the_machine_is_named():
    assert f"NumPy {np.__version__}" in measure.machine()
