"""The theorems of book/jacobian.md."""

import re

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from jacobians.jacobian import f_vec, jacobian_analytical, jacobian_numerical

POINT = np.array([1.5, 2.0])
points = st.tuples(*[st.floats(-3, 3)] * 2).map(np.array)


@given(points)
def test_the_matrix_by_hand_is_the_symbolic_one(xy):
    x, y = sympy.symbols("x y")
    J = sympy.Matrix([x**2 + y, sympy.sin(x) * y]).jacobian([x, y])
    exact = np.array(J.subs({x: xy[0], y: xy[1]}), dtype=float)
    np.testing.assert_allclose(jacobian_analytical(xy), exact, rtol=1e-14, atol=1e-300)


@given(points)
def test_central_differences_find_the_matrix_by_hand(xy):
    # h²/6 of the third derivative, at most 3, and ε/h of rounding, at most 12 · 2e-16 / 1e-5
    np.testing.assert_allclose(jacobian_numerical(f_vec, xy), jacobian_analytical(xy), atol=5e-10)


def test_the_error_falls_as_the_square_of_the_step():
    steps = np.array([1e-1, 1e-2, 1e-3])
    errors = [np.abs(jacobian_numerical(f_vec, POINT, h) - jacobian_analytical(POINT)).max() for h in steps]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(2, abs=0.01)


def test_the_jacobian_of_a_linear_map_is_its_matrix():
    A = np.arange(6.0).reshape(2, 3)
    J = jacobian_numerical(lambda x: A @ x, [1.0, -2.0, 0.5])
    assert J.shape == (2, 3)
    np.testing.assert_allclose(J, A, atol=1e-9)


def test_a_point_of_integers_is_the_point_of_floats():
    by_float = jacobian_numerical(f_vec, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(jacobian_numerical(f_vec, np.array([1, 2])), by_float)
    np.testing.assert_array_equal(jacobian_analytical([1, 2]), jacobian_analytical([1.0, 2.0]))


def test_a_value_given_as_a_list_is_taken():
    np.testing.assert_allclose(jacobian_numerical(lambda x: [x[0] ** 2], [3.0]), [[6.0]])


def test_no_argument_is_changed_even_if_f_writes_into_its_own():
    def careless(x):
        y = x * 2.0
        x[:] = 0
        return y

    x = np.array([1.0, 2.0])
    J = jacobian_numerical(careless, x)
    assert x.tolist() == [1.0, 2.0]
    np.testing.assert_allclose(J, 2 * np.eye(2))


def test_a_value_that_f_keeps_and_overwrites_does_no_harm():
    kept = np.zeros(2)

    def reuses(x):
        kept[:] = x**2
        return kept

    np.testing.assert_allclose(jacobian_numerical(reuses, [1.0, 2.0]), np.diag([2.0, 4.0]))


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x @ x, r"the value of f must be one-dimensional; got a scalar"),
        (lambda x: np.eye(2), r"the value of f must be one-dimensional; got shape \(2, 2\)"),
        (lambda x: [], r"the value of f must have at least one entry; got shape \(0,\)"),
        (lambda x: x * np.nan, r"the value of f must be finite; got nan at index 0"),
        (lambda x: np.ones(3 if x[0] > 1 else 2), r"the value of f must have shape \(2,\); got \(3,\)"),
        (lambda x: np.ones(3 if x[0] < 1 else 2), r"the value of f must have shape \(2,\); got \(3,\)"),
    ],
)
def test_a_bad_value_is_named(f, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        jacobian_numerical(f, [1.0, 2.0])


def test_a_value_that_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"^the value of f must hold real numbers; got dtype object$"):
        jacobian_numerical(lambda x: None, [1.0])
    with pytest.raises(TypeError, match=r"^the value of f must hold real numbers; got dtype bool$"):
        jacobian_numerical(lambda x: x > 0, [0.0])


@pytest.mark.parametrize("xy", [[1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], 1.0])
def test_the_worked_example_wants_two_numbers(xy):
    for routine in (f_vec, jacobian_analytical):
        with pytest.raises(ValueError, match=r"^xy must have shape \(2,\); got "):
            routine(xy)


@pytest.mark.parametrize("h", [0, -1e-5, np.inf])
def test_a_step_that_is_none_is_refused(h):
    with pytest.raises(ValueError, match=r"^h must be "):
        jacobian_numerical(f_vec, POINT, h)


@pytest.mark.parametrize(("x", "h"), [(1e16, 1e-5), (1e11, 1e-5), (1.0, 1.2e-16), (1.0, 1e308)])
def test_a_step_lost_beside_the_point_or_beyond_the_numbers_is_refused(x, h):
    with pytest.raises(
        ValueError, match=rf"^h must change xy by h; {re.escape(str(h))} does not at {re.escape(str(x))}$"
    ):
        jacobian_numerical(lambda x: x, [x], h)


def test_a_caller_whose_array_f_changes_gets_the_matrix_at_the_point_it_gave():
    x = np.array([1.0, 2.0])

    def meddles(z):
        x[:] = 99
        return z**2

    np.testing.assert_allclose(jacobian_numerical(meddles, x), np.diag([2.0, 4.0]))


def test_an_error_of_f_is_the_callers_to_see():
    def fails(x):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        jacobian_numerical(fails, [1.0])
