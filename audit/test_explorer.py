"""The explorer computes what the book computes, and answers to mouse, keys and finger."""

import gzip

import numpy as np
import pytest

from jacobians import volume
from jacobians.differences import jacobian
from jacobians.figures.differences import example
from jacobians.jacobian import f_vec, jacobian_analytical, jacobian_numerical
from jacobians.polar import polar_jacobian, polar_to_cartesian

from .site import SITE

POINTS = np.random.default_rng(237).uniform([0, -3], [3, 3], (1000, 2))
IN_PYTHON = {  # the map, at real or complex points, and the book's own Jacobian where it has one
    "example": (f_vec, jacobian_analytical),
    "polar": (lambda p: polar_to_cartesian(*p), lambda p: polar_jacobian(*p)),
    "elliptic": (lambda p: volume.Elliptic().map(*p), lambda p: volume.Elliptic().jacobian(*p)),
    "shear": (lambda p: np.array([p[0] + p[1], p[1]]), None),
    "square": (lambda p: np.array([p[0] ** 2 - p[1] ** 2, 2 * p[0] * p[1]]), None),
    "fold": (lambda p: np.array([p[0] ** 2, p[1]]), None),
}
MOVED = "document.querySelector('jacobian-explorer').point"
VALUES = "document.querySelector('jacobian-explorer').values"


def by_complex_step(f):
    """The Jacobian of f without the error of a difference."""
    return lambda p: np.stack([f(p + 1e-30j * e).imag / 1e-30 for e in np.eye(2)], axis=1)


def explored(page, address, figure):
    """A page with the explorer of a figure in view."""
    page.goto(address)
    page.locator(f"#{figure}").scroll_into_view_if_needed()
    page.locator("jacobian-explorer output b").first.wait_for()
    page.locator("jacobian-explorer svg").first.scroll_into_view_if_needed()
    return page


@pytest.fixture
def explorer(page, base):
    """The explorer of the worked example."""
    return explored(page, base + "jacobian.html", "fig-square-image")


@pytest.fixture
def steps(page, base):
    """The explorer of the curve of the error."""
    return explored(page, base + "differences.html", "fig-step-curves")


@pytest.mark.parametrize("name", IN_PYTHON)
def test_its_numbers_are_those_of_the_book_at_1000_points(explorer, name):
    got = explorer.evaluate(
        """([name, points]) => { const { maps, det, singular } = jacobianExplorer, { f, J } = maps[name];
        return points.map(p => { const j = J(...p); return [...f(...p), ...j, det(j), ...singular(j)]; }); }""",
        [name, POINTS.tolist()],
    )
    f, jacobian = IN_PYTHON[name]
    J = np.array([(jacobian or by_complex_step(f))(p) for p in POINTS])
    want = np.column_stack([[f(p) for p in POINTS], J.reshape(-1, 4), np.linalg.det(J), np.linalg.svd(J)[1]])
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


def test_its_differences_are_those_of_the_book(explorer):
    got = explorer.evaluate("jacobianExplorer.numerical(jacobianExplorer.maps.example.f, 1.5, 2, 1e-5)")
    np.testing.assert_allclose(np.reshape(got, (2, 2)), jacobian_numerical(f_vec, [1.5, 2.0]), rtol=0, atol=1e-10)


def test_it_starts_where_the_figure_stands_and_takes_its_place_under_the_same_caption(explorer):
    assert explorer.evaluate(MOVED) == [1.5, 2]
    assert not explorer.locator("#fig-square-image svg.figure").is_visible()
    assert explorer.locator("#fig-square-image figcaption").is_visible()
    assert explorer.locator("#fig-square-image jacobian-explorer").is_visible()


def test_the_point_answers_to_mouse_keys_and_the_numbers_follow(explorer):
    plane = explorer.locator("jacobian-explorer svg").first
    box = plane.bounding_box()
    explorer.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    explorer.mouse.down()
    explorer.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    explorer.mouse.up()
    np.testing.assert_allclose(explorer.evaluate(MOVED), [0, 3], atol=0.05)
    before = explorer.evaluate(MOVED)
    plane.focus()
    explorer.keyboard.press("ArrowRight")
    explorer.keyboard.press("Shift+ArrowUp")
    np.testing.assert_allclose(np.subtract(explorer.evaluate(MOVED), before), [0.1, 0.01])
    J = jacobian_analytical(explorer.evaluate(MOVED))
    assert explorer.evaluate(VALUES)["det"] == pytest.approx(np.linalg.det(J), rel=1e-12)


def test_the_smaller_the_square_the_closer_the_areas(explorer):
    gaps = []
    for size in ("-0.5", "-2"):
        explorer.locator("jacobian-explorer input").evaluate(
            "(e, size) => { e.value = size; e.dispatchEvent(new Event('input')); }", size
        )
        values = explorer.evaluate(VALUES)
        gaps.append(abs(values["ratio"] - values["det"]))
    assert gaps[1] < gaps[0] / 20


def test_another_map_can_be_chosen(explorer):
    explorer.locator("jacobian-explorer select").select_option("shear")
    assert explorer.evaluate(VALUES)["det"] == 1


def test_a_finger_moves_the_point(chromium, base):
    context = chromium.new_context(has_touch=True, viewport={"width": 400, "height": 800})
    page = context.new_page()
    page.goto(base + "jacobian.html")
    page.locator("#fig-square-image").scroll_into_view_if_needed()
    page.locator("jacobian-explorer output b").first.wait_for()
    plane = page.locator("jacobian-explorer svg").first
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    np.testing.assert_allclose(page.evaluate(MOVED), [0, 2], atol=0.05)
    context.close()


@pytest.mark.parametrize("method", ["forward", "central", "central4", "complex"])
def test_each_formula_is_that_of_the_book_at_1000_points(steps, method):
    h = 2.0**-7  # for a smaller one the rounding of sin, which no two libraries share, is divided by less
    got = steps.evaluate(
        """([method, points, h]) => points.map(p =>
            jacobianExplorer.formulas[method](jacobianExplorer.maps.example.f, ...p, h))""",
        [method, POINTS.tolist(), h],
    )
    want = [jacobian(example, p, method=method, step=h) for p in POINTS]
    np.testing.assert_allclose(np.reshape(got, (-1, 2, 2)), want, rtol=0, atol=1e-12)


def test_the_step_slides_along_the_curve_by_key_mouse_and_finger(steps, chromium, base):
    slider, plane = steps.locator("jacobian-explorer input"), steps.locator("jacobian-explorer svg").first
    assert steps.evaluate(VALUES)["error"] < 1e-9  # h = 1e-5, near the tip of the V
    slider.focus()
    steps.keyboard.press("End")
    assert steps.evaluate(VALUES) == {"h": 1, "error": pytest.approx(2 * np.cos(1.5) * (1 - np.sin(1)))}
    box = plane.bounding_box()
    steps.mouse.move(box["x"] + box["width"] * 2.5 / 16, box["y"] + 50)
    steps.mouse.down()
    steps.mouse.up()
    assert steps.evaluate(VALUES)["h"] == pytest.approx(1e-13, rel=0.2)
    assert steps.evaluate(VALUES)["error"] > 1e-5
    steps.locator("jacobian-explorer select").select_option("forward")
    slider.evaluate("e => { e.value = -2; e.dispatchEvent(new Event('input')); }")
    assert steps.evaluate(VALUES)["error"] > 1e-3
    context = chromium.new_context(has_touch=True, viewport={"width": 400, "height": 800})
    touched = explored(context.new_page(), base + "differences.html", "fig-step-curves")
    box = touched.locator("jacobian-explorer svg").first.bounding_box()
    touched.touchscreen.tap(box["x"] + box["width"] * 13.5 / 16, box["y"] + 30)
    assert touched.evaluate(VALUES)["h"] == pytest.approx(1e-2, rel=0.2)
    context.close()


def test_the_cells_of_the_chapter_on_volume_can_be_explored(page, base):
    explored(page, base + "volume.html", "fig-volume-cells")
    assert page.evaluate(MOVED) == [0.8, 0.7]
    assert page.evaluate(VALUES)["det"] == pytest.approx(volume.Elliptic().determinant(0.8, 0.7), rel=1e-12)
    page.locator("jacobian-explorer select").select_option("fold")
    page.locator("jacobian-explorer svg").first.focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    assert page.evaluate(VALUES)["det"] < 0  # over the fold the sense of rotation is reversed


def test_without_scripts_the_still_figure_stands(chromium, base):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + "jacobian.html")
    assert page.locator("#fig-square-image svg.figure").is_visible()
    context.close()


def test_it_weighs_little_and_waits_until_it_is_seen(page, base):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(base + "jacobian.html")
    page.wait_for_load_state("networkidle")
    assert not any("explorer.js" in url for url in asked)
    assert len(gzip.compress((SITE / "_static/explorer.js").read_bytes())) < 12 * 1024
