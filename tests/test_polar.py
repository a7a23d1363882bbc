"""The theorems of book/polar.md."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jacobians.jacobian import jacobian_numerical
from jacobians.polar import polar_cell, polar_determinant, polar_jacobian, polar_to_cartesian, shoelace

radii = st.floats(0, 1e3)
angles = st.floats(-10, 10)


@given(radii, angles)
def test_the_determinant_is_the_radius(r, theta):
    assert polar_determinant(r, theta) == r
    assert np.linalg.det(polar_jacobian(r, theta)) == pytest.approx(r, rel=1e-12, abs=1e-300)


@given(st.floats(0.1, 10), angles)
def test_the_jacobian_is_the_one_of_central_differences(r, theta):
    numerical = jacobian_numerical(lambda p: polar_to_cartesian(*p), [r, theta])
    np.testing.assert_allclose(polar_jacobian(r, theta), numerical, atol=1e-8)


@given(st.floats(1e-300, 1e300), angles)
def test_the_distance_from_the_origin_is_the_radius(r, theta):
    assert np.hypot(*polar_to_cartesian(r, theta)) == pytest.approx(r, rel=1e-15, abs=0)


def test_arrays_broadcast_and_each_point_has_its_own_matrix():
    r, theta = np.array([[1.0], [2.0]]), np.array([0.0, 0.5, 1.0])
    J = polar_jacobian(r, theta)
    assert polar_to_cartesian(r, theta).shape == (2, 2, 3)
    assert J.shape == (2, 3, 2, 2)
    np.testing.assert_array_equal(J[1, 2], polar_jacobian(2.0, 1.0))
    np.testing.assert_array_equal(polar_determinant(r, theta), [[1, 1, 1], [2, 2, 2]])


def test_at_the_origin_the_determinant_is_zero_and_no_zero_is_negative():
    J = polar_jacobian(0.0, 1.0)
    assert J[:, 1].tolist() == [0, 0]
    assert not np.signbit(J[:, 1]).any()
    assert polar_determinant(0.0) == 0


def test_the_determinant_is_no_view_of_the_radius():
    r = np.array([1.0, 2.0])
    polar_determinant(r)[0] = 7
    assert r.tolist() == [1.0, 2.0]


def test_integers_are_taken():
    assert polar_to_cartesian(2, 0).tolist() == [2.0, 0.0]
    assert polar_jacobian(1, 0).tolist() == [[1.0, 0.0], [0.0, 1.0]]


@given(st.floats(0, 5), st.floats(0.01, 2), angles, st.floats(0.01, 2))
def test_the_area_of_a_cell_is_the_determinant_at_the_middle_radius(r, dr, theta, dtheta):
    area = shoelace(*polar_cell(r, dr, theta, dtheta))
    assert area == pytest.approx(polar_determinant(r + dr / 2) * dr * dtheta, rel=1e-5)


def test_the_areas_of_the_cells_add_up_to_the_ring():
    r, theta = np.linspace(0.1, 2.0, 10), np.linspace(0, 2 * np.pi, 24)
    cells = [shoelace(*polar_cell(a, r[1] - r[0], t, theta[1])) for a in r[:-1] for t in theta[:-1]]
    assert len(cells) == 207
    assert sum(cells) == pytest.approx(np.pi * (2.0**2 - 0.1**2), rel=1e-6)


def test_a_clockwise_polygon_has_a_negative_area():
    assert shoelace([0, 0, 1, 1], [0, 1, 1, 0]) == -1.0


@pytest.mark.parametrize("routine", [polar_to_cartesian, polar_jacobian, polar_determinant])
@pytest.mark.parametrize(
    ("r", "theta", "error", "message"),
    [
        (-1.0, 0.0, ValueError, r"r must not be negative; got -1\.0"),
        ([1.0, np.nan], 0.0, ValueError, r"r must be finite; got nan at index 1"),
        (1.0, np.inf, ValueError, r"theta must be finite; got inf"),
        ("one", 0.0, TypeError, r"r must hold real numbers; got dtype <U3"),
    ],
)
def test_bad_input_is_named(routine, r, theta, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        routine(r, theta)


def test_a_polygon_needs_as_many_ordinates_as_abscissas():
    with pytest.raises(ValueError, match=r"^y must have shape \(3,\); got \(2,\)$"):
        shoelace([0, 1, 1], [0, 1])
