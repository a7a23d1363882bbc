"""What is refused is refused in one sentence, and what is accepted is not changed."""

from types import SimpleNamespace

import array_api_strict as strict
import numpy as np
import pytest

from jacobians.inputs import as_coordinates, as_count, as_floats, as_point, as_positive, as_radius
from jacobians.volume import Affine


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ("abc", TypeError, r"x must hold real numbers; got dtype <U3"),
        ([1, None], TypeError, r"x must hold real numbers; got dtype object"),
        ([1, 2j], TypeError, r"x must hold real numbers; got dtype complex128"),
        (np.ma.array([1, 2], mask=[0, 1]), TypeError, r"x must hold real numbers; got a masked array"),
        (np.array([np.longdouble("1e4000")]), ValueError, r"x must be finite; got inf at index 0"),
        ([[1, 2], [3]], TypeError, r"x must hold real numbers in a regular array; .*inhomogeneous"),
        (1.5, ValueError, r"x must be one-dimensional; got a scalar"),
        ([[1.0, 2.0]], ValueError, r"x must be one-dimensional; got shape \(1, 2\)"),
        ([], ValueError, r"x must have at least one entry; got shape \(0,\)"),
        ([1.0, np.nan], ValueError, r"x must be finite; got nan at index 1"),
        ([-np.inf, 1.0], ValueError, r"x must be finite; got -inf at index 0"),
    ],
)
def test_a_bad_point_is_named(x, error, message):
    with pytest.raises(error, match=f"^{message}"):
        as_point(x)


def test_a_wrong_shape_names_both_shapes():
    with pytest.raises(ValueError, match=r"^v must have shape \(3,\); got \(2,\)$"):
        as_point([1, 2], "v", (3,))


def test_the_place_of_a_nan_is_given_in_every_dimension():
    with pytest.raises(ValueError, match=r"^x must be finite; got nan at index \(1, 0\)$"):
        as_floats([[1, 2], [np.nan, 3]], "x")
    with pytest.raises(ValueError, match=r"^x must be finite; got inf$"):
        as_floats(np.inf, "x")


@pytest.mark.parametrize(
    ("h", "error", "message"),
    [
        (0, ValueError, r"h must be positive; got 0\.0"),
        (-1e-5, ValueError, r"h must be positive; got -1e-05"),
        (np.nan, ValueError, r"h must be finite; got nan"),
        ([1e-5, 1e-6], ValueError, r"h must be one number; got shape \(2,\)"),
        ("small", TypeError, r"h must hold real numbers; got dtype <U5"),
    ],
)
def test_a_bad_step_is_named(h, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        as_positive(h)


def test_a_count_that_is_none_is_named():
    for n, error, message in (
        (0, ValueError, "n must be positive; got 0"),
        (1.5, TypeError, "n must be an integer; got 1.5"),
    ):
        with pytest.raises(error, match=f"^{message}$"):
            as_count(n)


def test_a_dual_number_that_is_not_finite_is_named():
    with pytest.raises(ValueError, match=r"^x must be finite; got nan$"):
        as_floats(SimpleNamespace(primal=np.nan), "x")


def test_a_negative_zero_becomes_a_radius_without_a_sign():
    assert not np.signbit(as_radius([-0.0, 0.0])).any()


def test_what_stands_beside_an_array_on_a_device_is_checked_and_moved_there():
    there = strict.Device("device1")
    r = strict.ones(2, device=there)
    for theta in (0.5, np.ones(2)):
        assert [a.device for a in as_coordinates(r=r, theta=theta)[1:]] == [there, there]
    assert Affine(np.eye(2)).map(r, r).device == there
    with pytest.raises(ValueError, match=r"^theta must be finite; got nan at index 1$"):
        as_coordinates(r=r, theta=np.array([0.5, np.nan]))


def test_a_negative_radius_is_named():
    with pytest.raises(ValueError, match=r"^r must not be negative; got -2\.0$"):
        as_radius([[1, -1], [-2, 0]])


@pytest.mark.parametrize(
    "x", [[1, 2], (True, False), np.array([1, 2], dtype=np.int8), np.array([1, 2], dtype=np.float32)]
)
def test_numbers_of_any_kind_become_doubles(x):
    assert as_point(x).dtype == np.float64
    assert as_point(x).tolist() == [float(entry) for entry in x]


def test_doubles_are_not_copied():
    x = np.array([1.0, 2.0])
    assert as_point(x) is x
