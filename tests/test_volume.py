"""The theorems of book/volume.md, and of the routines that polar coordinates grew for it."""

import functools

import jax
import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import example
from hypothesis import given as chosen
from hypothesis import strategies as st
from scipy.stats import chisquare

from jacobians import figures, volume
from jacobians.inputs import as_coordinates
from jacobians.polar import cartesian_to_polar, polar_jacobian, polar_log_abs_det, polar_to_cartesian, shoelace
from jacobians.volume import Affine, Elliptic, Numerical, disk_counts
from tests.libraries import LIBRARIES, given, taken

TURN, POLE, RADIUS = (-3.0, 3.0), (0.1, 3.0), (0.1, 3.0)
KINDS = {
    "polar": (volume.polar, [RADIUS, TURN]),
    "cylindrical": (volume.cylindrical, [RADIUS, TURN, (-2, 2)]),
    "physicist": (volume.spherical_physicist, [RADIUS, POLE, TURN]),
    "mathematician": (volume.spherical_mathematician, [RADIUS, TURN, POLE]),
    "elliptic": (Elliptic(2.0), [(0.1, 3), TURN]),
    "affine": (Affine([[2.0, 1.0, 0.0], [0.5, -3.0, 1.0], [0.0, 1.0, 0.2]], [1.0, 2.0, 3.0]), [(-1, 1)] * 3),
}
ROUTINES = ["map", "jacobian", "determinant", "log_abs_det"]
KIND = pytest.mark.parametrize("kind", KINDS)
OTHER = pytest.mark.parametrize("library", [name for name in LIBRARIES if name != "numpy"])


@functools.cache
def points(kind, shape=(4, 5)):
    rng = np.random.default_rng(237)
    return [rng.uniform(*box, shape) for box in KINDS[kind][1]]


# -- Each kind of coordinates -----------------------------------------------------------------------------------------


@KIND
def test_the_jacobian_is_the_one_of_automatic_differentiation(kind):
    g, u = KINDS[kind][0], points(kind)
    expected = jax.vmap(jax.jacfwd(g.map))(np.stack(u, axis=-1).reshape(-1, len(u)))
    np.testing.assert_allclose(g.jacobian(*u).reshape(expected.shape), expected, rtol=1e-12, atol=1e-12)


@KIND
def test_the_inverse_leads_back(kind):
    g, u = KINDS[kind][0], points(kind)
    np.testing.assert_allclose(g.inverse(g.map(*u)), u, rtol=1e-12, atol=1e-12)


@KIND
def test_the_determinant_is_that_of_the_matrix_and_the_logarithm_is_its(kind):
    g, u = KINDS[kind][0], points(kind)
    np.testing.assert_allclose(g.determinant(*u), np.linalg.det(g.jacobian(*u)), rtol=1e-10)
    np.testing.assert_allclose(g.log_abs_det(*u), np.log(np.abs(g.determinant(*u))), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("kind", "formula"),
    [("physicist", "r**2*sin(a)"), ("mathematician", "-r**2*sin(b)"), ("cylindrical", "r")],
)
def test_the_determinant_is_the_one_of_algebra(kind, formula):
    r, a, b = sympy.symbols("r a b", real=True)

    class Symbols:
        sin, cos = sympy.sin, sympy.cos

    matrix = sympy.Matrix(KINDS[kind][0]._point(Symbols, r, a, b)).jacobian([r, a, b])
    assert sympy.simplify(matrix.det() - sympy.sympify(formula, {"r": r, "a": a, "b": b})) == 0
    at = {"r": 2.0, "a": 0.5, "b": 0.7}
    assert KINDS[kind][0].determinant(*at.values()) == pytest.approx(float(sympy.sympify(formula).subs(at)), rel=1e-15)


@KIND
def test_separate_and_stacked_coordinates_give_the_same(kind):
    g, u = KINDS[kind][0], points(kind)
    for routine in ROUTINES:
        np.testing.assert_array_equal(getattr(g, routine)(*u), getattr(g, routine)(np.stack(u)))
        at = (slice(None), 1, 2) if routine == "map" else (1, 2)
        one = getattr(g, routine)(*[a[1, 2] for a in u])
        np.testing.assert_allclose(one, getattr(g, routine)(*u)[at], rtol=1e-14, atol=1e-15)


@KIND
def test_shapes_broadcast(kind):
    g, u = KINDS[kind][0], [a[0, 0] for a in points(kind)]
    u[0], u[1] = np.full((3, 1), u[0]), np.full(2, u[1])
    n = len(u)
    assert [getattr(g, r)(*u).shape for r in ROUTINES] == [(n, 3, 2), (3, 2, n, n), (3, 2), (3, 2)]
    assert g.inverse(*u).shape == (n, 3, 2)


@KIND
def test_no_result_is_a_view_of_an_argument(kind):
    g, u = KINDS[kind][0], [a.copy() for a in points(kind)]
    for routine in ROUTINES:
        getattr(g, routine)(*u)[...] = 99
    np.testing.assert_array_equal(u, points(kind))


def test_the_two_orders_name_the_same_point_and_differ_in_sign():
    r, pole, around = points("physicist")
    physicist, mathematician = volume.spherical_physicist, volume.spherical_mathematician
    np.testing.assert_array_equal(physicist.map(r, pole, around), mathematician.map(r, around, pole))
    np.testing.assert_array_equal(physicist.determinant(r, pole, around), -mathematician.determinant(r, around, pole))
    assert (mathematician.determinant(r, around, pole) < 0).all()
    assert volume.spherical is physicist


# -- Radii from the smallest to the largest ---------------------------------------------------------------------------

EXTREME = [5e-324, 1e-310, 1e-200, 1e-20, 1.0, 1e20, 1e200, 1e300]


@pytest.mark.parametrize("r", EXTREME)
@pytest.mark.parametrize(
    ("g", "angles", "power"),
    [(volume.polar, [0.5], 1), (volume.cylindrical, [0.5, 0.0], 1), (volume.spherical, [0.5, 0.7], 2)],
)
def test_the_logarithm_is_exact_where_the_determinant_leaves_the_floats(g, angles, power, r):
    sine = np.sin(0.5) if power == 2 else 1.0
    expected = float(power * sympy.log(sympy.Float(r, 50)) + sympy.log(sympy.Float(sine, 50)))
    assert g.log_abs_det(r, *angles) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("r", [1e-300, 1e-200, 1e-20, 1.0, 1e20, 1e200, 1e300])
@pytest.mark.parametrize(
    ("g", "angles"), [(volume.polar, [0.5]), (volume.cylindrical, [0.5, 1.0]), (volume.spherical, [0.5, 0.7])]
)
def test_the_inverse_forms_no_square(g, angles, r):
    np.testing.assert_allclose(g.inverse(g.map(r, *angles)), [r, *angles], rtol=1e-15)


def test_the_smallest_radius_of_all_comes_back():
    assert cartesian_to_polar(5e-324, 0.0).tolist() == [5e-324, 0.0]
    assert volume.spherical.inverse(0.0, 0.0, -5e-324).tolist() == [5e-324, np.pi, 0.0]


@chosen(st.floats(-1e300, 1e300) | st.floats(-3, 3), st.floats(-1e300, 1e300) | st.floats(-3, 3))
@example(x=2.0, y=1e-9)
@example(x=2.0 + 1e-15, y=0.0)
@example(x=2.0 - 1e-15, y=1e-300)
@example(x=1e-300, y=1e-300)
@example(x=-2.0, y=-1e-300)
def test_the_elliptic_inverse_is_the_complex_arccosh_to_the_last_digits(x, y):
    with mpmath.workdps(700):
        exact = mpmath.acosh(mpmath.mpc(abs(x), abs(y)) / 2)
        mu, nu = float(exact.real), float(exact.imag if x >= 0 else mpmath.pi - exact.imag)
    np.testing.assert_allclose(
        Elliptic(2.0).inverse(x, y), [mu, nu if y >= 0 else -nu], rtol=2e-15, atol=np.finfo(float).tiny
    )


@pytest.mark.parametrize("mu", [1e-300, 1e-8, 1.0, 30.0, 1e5])
def test_the_elliptic_logarithm_is_exact_where_its_cosh_overflows(mu):
    m, nu = sympy.Float(mu, 700), sympy.Float(1e-9, 700)
    expected = sympy.log(sympy.sinh(m) ** 2 + sympy.sin(nu) ** 2).evalf(30)
    assert Elliptic().log_abs_det(mu, 1e-9) == pytest.approx(float(expected), rel=1e-14)


def test_every_sign_of_an_elliptic_point_comes_back_and_both_foci():
    g = Elliptic(2.0)
    for x, y in [(1, 2), (-1, 2), (-1, -2), (1, -2), (3, 0), (-3, 0), (0, 1)]:
        np.testing.assert_allclose(g.map(g.inverse(x, y)), [x, y], atol=1e-15)
    np.testing.assert_allclose(g.inverse([2.0, -2.0], [0.0, 0.0]), [[0, 0], [0, np.pi]], atol=1e-15)


def test_where_the_determinant_is_zero_its_logarithm_is_minus_infinity_and_nothing_warns():
    assert polar_log_abs_det(0.0) == -np.inf
    assert volume.spherical.log_abs_det(1.0, 0.0, 0.0) == -np.inf
    assert volume.cylindrical.log_abs_det(0.0, 0.0, 0.0) == -np.inf
    assert Affine([[1.0, 2.0], [2.0, 4.0]]).log_abs_det(0.0, 0.0) == -np.inf
    assert Elliptic().log_abs_det(0.0, 0.0) == -np.inf


# -- Polar coordinates ------------------------------------------------------------------------------------------------


@chosen(st.floats(1e-300, 1e300), st.floats(-3.14, 3.14))
def test_a_radius_and_an_angle_come_back(r, theta):
    back = cartesian_to_polar(*polar_to_cartesian(r, theta))
    assert back[0] == pytest.approx(r, rel=1e-15)
    assert back[1] == pytest.approx(theta, abs=1e-15)


@pytest.mark.parametrize(
    ("r", "message"),
    [
        (-1.0, r"r must not be negative; got -1\.0"),
        (np.array([1.0, -2.0]), r"r must not be negative; got -2\.0"),
        (np.array([1.0, np.nan]), r"r must be finite; got nan at index 1"),
        (np.array([np.inf, 1.0]), r"r must be finite; got inf at index 0"),
    ],
)
def test_a_radius_that_is_none_is_named(r, message):
    for routine in [polar_log_abs_det, volume.polar.log_abs_det, volume.polar.determinant, polar_jacobian]:
        with pytest.raises(ValueError, match=f"^{message}$"):
            routine(r, 0.5)
    with pytest.raises(ValueError, match=f"^{message}$"):
        volume.spherical.log_abs_det(r, 0.5, 0.5)


def test_in_a_long_array_too_a_radius_that_is_none_is_named_and_no_block_is_left_out():
    r = np.linspace(0.5, 2.0, 300_000).reshape(3, 2, 50_000)
    np.testing.assert_array_equal(polar_log_abs_det(r), np.log(r))
    np.testing.assert_array_equal(polar_log_abs_det(r[::2, ::-1]), np.log(r[::2, ::-1]))
    r[2, 1, -1] = -3.0
    with pytest.raises(ValueError, match=r"^r must not be negative; got -3\.0$"):
        polar_log_abs_det(r)


def test_a_negative_zero_is_a_radius_and_an_empty_array_is_fine():
    assert polar_log_abs_det(np.array([-0.0])).tolist() == [-np.inf]
    assert volume.polar.determinant(np.array([-0.0]), 0.0).tolist() == [0.0]
    assert polar_log_abs_det(np.array([])).shape == (0,)
    assert volume.spherical.map(np.array([]), 0.0, 0.0).shape == (3, 0)


def test_coordinates_of_every_kind_of_number_are_taken():
    assert volume.polar.map(2, 0).tolist() == [2.0, 0.0]
    assert volume.polar.determinant([[1, 2], [0, 0]]).tolist() == [1.0, 2.0]
    assert volume.spherical.determinant(np.float32(2), True, 0).dtype == float
    assert polar_log_abs_det(np.array([1, 2], dtype=np.int8)).tolist() == [0.0, np.log(2.0)]


# -- Other libraries --------------------------------------------------------------------------------------------------


@KIND
@OTHER
def test_other_libraries_give_the_same_and_keep_their_arrays(kind, library):
    g, u = KINDS[kind][0], points(kind)
    for routine in ROUTINES:
        expected = getattr(g, routine)(*u)
        theirs = [given(library, a) for a in u]
        for got in (getattr(g, routine)(*theirs), getattr(g, routine)(given(library, np.stack(u)))):
            assert type(got) is type(theirs[0])
            np.testing.assert_allclose(taken(got), expected, rtol=1e-12, atol=1e-12)
    back = g.inverse(given(library, g.map(*u)))
    np.testing.assert_allclose(taken(back), u, rtol=1e-9, atol=1e-9)


@KIND
@OTHER
def test_numbers_beside_other_arrays_become_theirs_and_single_precision_stays(kind, library):
    g, (first, *others) = KINDS[kind][0], [a[0, 0] for a in points(kind)]
    theirs = given(library, np.array([first, first], dtype=np.float32))
    for routine in ROUTINES:
        got = getattr(g, routine)(theirs, *map(float, others))
        assert taken(got).dtype == np.float32
        expected = getattr(g, routine)(np.full(2, first), *others)
        np.testing.assert_allclose(taken(got), expected, rtol=1e-4, atol=1e-5)


@OTHER
def test_integers_of_another_library_become_its_floats(library):
    got = volume.polar.map(given(library, np.array([1, 2])), given(library, np.array([0.5, 1.0])))
    np.testing.assert_allclose(taken(got), volume.polar.map([1, 2], [0.5, 1.0]), rtol=1e-6)


@OTHER
def test_complex_coordinates_are_refused_in_every_library(library):
    with pytest.raises(TypeError, match=r"^(coordinates|r) must hold real numbers; got dtype .*complex128$"):
        volume.polar.map(given(library, np.array([1j])), 0.5)


@OTHER
def test_a_negative_radius_of_another_library_shows_as_nan(library):
    if library == "dask":
        with np.errstate(invalid="ignore"):
            got = polar_log_abs_det(given(library, np.array([-1.0]))).compute(scheduler="synchronous")
    else:
        got = taken(polar_log_abs_det(given(library, np.array([-1.0]))))
    assert np.isnan(got).all()


def test_two_libraries_do_not_mix():
    with pytest.raises(TypeError, match="Multiple namespaces"):
        volume.polar.map(given("jax", np.ones(2)), given("array-api-strict", np.ones(2)))


@KIND
def test_a_lazy_array_stays_lazy(kind):
    import dask

    def forbidden(*args, **kwargs):
        raise AssertionError("something was computed")

    g, u = KINDS[kind][0], [given("dask", a) for a in points(kind)]
    with dask.config.set(scheduler=forbidden):
        results = [getattr(g, routine)(*u) for routine in ROUTINES]
    for routine, result in zip(ROUTINES, results, strict=True):
        np.testing.assert_allclose(result.compute(), getattr(g, routine)(*points(kind)), rtol=1e-12, atol=1e-12)


@KIND
def test_a_traced_array_is_traced_and_differentiated(kind):
    g, u = KINDS[kind][0], points(kind)
    compiled = jax.jit(g.log_abs_det)(*u)
    np.testing.assert_allclose(compiled, g.log_abs_det(*u), rtol=1e-12, atol=1e-12)
    slope = jax.grad(lambda r: volume.polar.log_abs_det(r, 0.5))(2.0)
    assert float(slope) == 0.5


# -- Maps that a reader brings ----------------------------------------------------------------------------------------


def test_any_map_has_its_matrix_by_differences():
    for kind in ("polar", "physicist", "elliptic"):
        g, u = KINDS[kind][0], points(kind)
        numerical = Numerical(g.map, g.inverse)
        np.testing.assert_allclose(numerical.jacobian(*u), g.jacobian(*u), atol=1e-7)
        np.testing.assert_allclose(numerical.determinant(*u), g.determinant(*u), rtol=1e-7)
        np.testing.assert_allclose(numerical.log_abs_det(np.stack(u)), g.log_abs_det(*u), atol=1e-7)
        np.testing.assert_allclose(numerical.inverse(numerical.map(*u)), u, atol=1e-12)
    assert numerical.determinant(1.0, 0.5).shape == ()


def test_another_rule_of_differentiation_may_be_given():
    g = Numerical(volume.polar.map, jacobian=lambda f, u: polar_jacobian(*u))
    assert g.determinant(2.0, 0.5) == pytest.approx(2.0, rel=1e-15)


def test_an_affine_map_of_one_variable_and_of_many():
    assert Affine([[3.0]], [1.0]).map(2.0).tolist() == [7.0]
    assert Affine([[4.0]]).inverse(2.0).tolist() == [0.5]
    assert Affine([[4.0]]).determinant(2.0) == 4.0
    A = np.random.default_rng(237).standard_normal((20, 20))
    g, u = Affine(A), np.ones((20, 3))
    np.testing.assert_allclose(g.map(u), A @ u, rtol=1e-14)
    assert g.log_abs_det(u) == pytest.approx(np.full(3, np.linalg.slogdet(A)[1]), rel=1e-15)


# -- Bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: volume.polar.map(1.0, 2.0, 3.0), TypeError, "expected 2 coordinates, r, theta; got 3"),
        (lambda: volume.spherical.map(1.0, 2.0), TypeError, "expected 3 coordinates, r, theta, phi; got 2"),
        (
            lambda: volume.spherical.inverse(np.ones((2, 5))),
            ValueError,
            r"a stacked point must have shape \(3, \.\.\.\), x, y, z; got \(2, 5\)",
        ),
        (
            lambda: Affine(np.eye(3)).map([1.0, np.nan, 2.0]),
            ValueError,
            "the point must be finite; got nan at index 1",
        ),
        (lambda: volume.polar.map(1.0), ValueError, r"a stacked point must have shape .*; got \(\)"),
        (lambda: volume.polar.map("one", 0), TypeError, "r must hold real numbers; got dtype <U3"),
        (lambda: volume.spherical.map(1.0, np.nan, 0), ValueError, "theta must be finite; got nan"),
        (lambda: volume.spherical.map(1.0, np.array([0.5, np.inf]), 0), ValueError, "theta must be finite; .* index 1"),
        (lambda: volume.cylindrical.inverse(1.0, 1j, 0), TypeError, "y must hold real numbers; got dtype complex128"),
        (lambda: Elliptic(0.0), ValueError, r"a must be positive; got 0\.0"),
        (lambda: Affine(np.ones((2, 3))), ValueError, r"A must be square, .*; got shape \(2, 3\)"),
        (lambda: Affine("x"), TypeError, "A must hold real numbers; got dtype <U1"),
        (lambda: Affine(np.eye(2)).map("a", 1.0), TypeError, "u1 must hold real numbers; got dtype <U1"),
        (lambda: Affine(np.eye(2)).inverse(1.0, "a"), TypeError, "x2 must hold real numbers; got dtype <U1"),
        (lambda: Numerical(np.sin).map("a", "b"), TypeError, "the point must hold real numbers; got dtype <U1"),
        (lambda: disk_counts([["a"], ["b"]]), TypeError, "points must hold real numbers; got dtype <U1"),
        (lambda: Affine(np.ones((0, 0))), ValueError, r"A must be square, with at least one row; got shape \(0, 0\)"),
        (lambda: Affine(np.eye(2), [1.0]), ValueError, r"b must have shape \(2,\); got \(1,\)"),
        (
            lambda: Affine(np.diag([1.0, 2.0, 0.0])).inverse(1, 1, 1),
            ValueError,
            "A must have full rank for an inverse; got rank 2",
        ),
        (lambda: Numerical(np.sin).inverse(1.0, 1.0), ValueError, "inverse must be given to Numerical; got None"),
        (
            lambda: Numerical(lambda u: u[:1]).determinant(1.0, 1.0),
            ValueError,
            "f must have as many values as variables, 2; got 1",
        ),
        (
            lambda: Numerical(np.sin).map(given("jax", np.ones(2))),
            TypeError,
            r"differences need NumPy's arrays; got \w*Array\w*",
        ),
        (lambda: as_coordinates(r=given("jax", np.ones(2)), theta=np.nan), ValueError, "theta must be finite; got nan"),
        (lambda: disk_counts(np.ones((3, 2))), ValueError, r"a stacked point must have shape \(2, \.\.\.\).*"),
        (lambda: disk_counts([[1.0], [1.0]]), ValueError, r"points must lie in the unit disk; got .* 1\.414.*"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        call()


# -- The chapter ------------------------------------------------------------------------------------------------------


@KIND
def test_the_volume_of_an_image_is_the_integral_of_the_factor(kind):
    """Drops that fall evenly on a box around the image hit it as often as its volume says."""
    g, box = KINDS[kind][0], np.array(KINDS[kind][1], dtype=float)
    n, rng = 24, np.random.default_rng(237)
    middles = [lo + (hi - lo) * (np.arange(n) + 0.5) / n for lo, hi in box]
    factor = np.abs(g.determinant(*np.meshgrid(*middles, indexing="ij")))
    by_factor = factor.mean() * np.prod(box[:, 1] - box[:, 0])
    x = g.map(*rng.uniform(box[:, :1], box[:, 1:], (len(box), 20000)))
    low, high = 1.01 * x.min(axis=1) - 0.1, 1.01 * x.max(axis=1) + 0.1
    u = g.inverse(rng.uniform(low[:, None], high[:, None], (len(box), 100_000)))
    inside = ((u >= box[:, :1]) & (u <= box[:, 1:])).all(axis=0).mean()
    assert np.prod(high - low) * inside == pytest.approx(by_factor, rel=0.03)


def test_the_root_of_a_uniform_number_is_an_even_radius_and_the_number_itself_is_not():
    rng = np.random.default_rng(1)
    u, theta = rng.random(4000), 2 * np.pi * rng.random(4000)
    assert chisquare(disk_counts(volume.polar.map(np.sqrt(u), theta))).pvalue > 0.01
    assert chisquare(disk_counts(volume.polar.map(u, theta))).pvalue < 1e-100


def test_the_rim_is_in_the_last_ring_and_an_empty_cell_is_counted():
    assert disk_counts([[1.0], [0.0]], rings=2, sectors=2).tolist() == [0, 0, 0, 1]
    assert disk_counts([[-0.1], [-0.1]], rings=2, sectors=2).tolist() == [1, 0, 0, 0]


@chosen(st.integers(1, 6), st.integers(1, 9))
def test_every_point_of_the_disk_is_in_one_cell(rings, sectors):
    r, theta = np.meshgrid(np.linspace(0, 1 - 1e-15, 7), np.linspace(-np.pi, np.pi, 11))
    counts = disk_counts(volume.polar.map(r, theta), rings, sectors)
    assert counts.shape == (rings * sectors,)
    assert counts.sum() == 77


def test_the_parallelograms_of_the_figure_lie_at_the_corners_of_their_cells():
    cells, parallelograms = figures.volume_cells().figure.axes[1].collections
    assert len(cells.get_paths()) == len(parallelograms.get_paths()) == 54
    for cell, parallelogram in zip(cells.get_paths(), parallelograms.get_paths(), strict=True):
        np.testing.assert_allclose(cell.vertices[0], parallelogram.vertices[0], atol=1e-12)


def test_the_cells_of_the_figure_are_equal_and_their_images_have_the_area_that_the_determinant_sums_to():
    flat, bent = figures.volume_cells().figure.axes
    rectangles = [path.vertices[:-1] for path in flat.collections[0].get_paths()]
    images, parallelograms = ([path.vertices[:-1] for path in own.get_paths()] for own in bent.collections)
    for rectangle, image, parallelogram in zip(rectangles, images, parallelograms, strict=True):
        (low, left), (high, right) = rectangle.min(axis=0), rectangle.max(axis=0)
        assert shoelace(*rectangle.T) == pytest.approx((high - low) * (right - left)) == np.pi / 108
        whole = (right - left) * np.diff(np.sinh([2 * low, 2 * high]) / 4 - [low / 2, high / 2])[0]
        whole += (high - low) * np.diff([left / 2, right / 2] - np.sin([2 * left, 2 * right]) / 4)[0]
        assert shoelace(*image.T) == pytest.approx(whole, rel=0.02)
        assert shoelace(*parallelogram.T) == pytest.approx((np.sinh(low) ** 2 + np.sin(left) ** 2) * np.pi / 108)
    assert np.max(rectangles, axis=(0, 1)) == pytest.approx([1, np.pi / 2])


def test_the_rings_of_the_figure_have_equal_areas_and_its_words_the_shares():
    rng = np.random.default_rng(237)
    u, theta = rng.random(4000), 2 * np.pi * rng.random(4000)
    picture = figures.disk_samples(volume.polar.map(u, theta), volume.polar.map(np.sqrt(u), theta))
    for ax in picture.figure.axes:
        areas = [np.pi * line.get_xdata().max() ** 2 for line in ax.lines[1:]]
        np.testing.assert_allclose(np.diff([0, *areas]), np.pi / 4)
    assert "with 50 in a hundred" in picture.alt
    assert "the innermost 25." in picture.alt
