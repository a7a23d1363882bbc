"""What a figure shows is what the mathematics says: positions, areas, slopes, colours, and its words."""

import gzip
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest

from jacobians import figures, measure
from jacobians.figures.jacobian import SIDES
from jacobians.figures.picture import BLUE, ORANGE
from jacobians.figures.polar import ANGLES, RADII
from jacobians.figures.slim import slim
from jacobians.jacobian import f_vec, jacobian_analytical
from jacobians.polar import shoelace

COSTS = measure.ReluCosts(
    explicit=[measure.Cost(n, 1e-9 * n**2, 8 * n**2) for n in (10, 100, 1000)],
    vjp=[measure.Cost(n, 1e-9 * n, 9 * n) for n in (10, 100, 1000, 10**4)],
    refused=0,
)
DRAWN = {
    "square_image": figures.square_image(),
    "relu_cost": figures.relu_cost(COSTS),
    "tangent_curve": figures.tangent_curve(),
    "step_curves": figures.step_curves(),
    "coloured_matrix": figures.coloured_matrix(),
    "layer_slopes": figures.layer_slopes(),
    "layer_jacobians": figures.layer_jacobians(),
    "plate": figures.plate(np.linspace(0, 0.8, 400), [(10, 11, 3), (20, 21, 3)]),
    "peer_ratios": figures.peer_ratios(),
    "polar_grid": figures.polar_grid(),
    "polar_area": figures.polar_area(),
    "volume_cells": figures.volume_cells(),
    "disk_samples": figures.disk_samples(*np.random.default_rng(237).uniform(-0.7, 0.7, (2, 2, 900))),
}


def luminance(colour):
    """The relative luminance of a colour, as WCAG 2 defines it."""
    rgb = np.array(mpl.colors.to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


def test_every_figure_is_looked_at_here():
    assert set(DRAWN) == set(figures.__all__)


@pytest.mark.parametrize("name", DRAWN)
def test_each_edition_gets_its_form_of_the_figure(name):
    forms = DRAWN[name]._repr_mimebundle_()
    assert set(forms) == {"text/html", "application/pdf", "image/png", "text/plain"}
    assert forms["text/plain"] == DRAWN[name].alt == repr(DRAWN[name])


@pytest.mark.parametrize("name", DRAWN)
def test_the_svg_is_well_formed_named_small_and_takes_the_ink_of_the_page(name):
    svg = DRAWN[name].svg()
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == DRAWN[name].alt
    assert root.get("width") is None
    assert root.get("viewBox")
    assert "currentColor" in svg
    assert "#000000" not in svg
    assert len(gzip.compress(svg.encode())) < 40 * 1024


@pytest.mark.parametrize("name", DRAWN)
def test_the_ids_of_a_figure_are_its_own_and_every_use_finds_one(name):
    svg = DRAWN[name].svg()
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(i.startswith(name.replace("_", "-")) for i in ids)
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg)) <= {(i, "") for i in ids} | {("", i) for i in ids}


def test_a_slim_drawing_keeps_its_coordinates_to_a_tenth_of_a_point_and_its_marks():
    whole = figures.polar_area().save("svg").decode()
    numbers = [[float(n) for part in re.findall(r'(?s) d="([^"]+)"', svg) for n in re.findall(r"-?[\d.]+", part)]
               for svg in (whole, slim(whole))]  # fmt: skip
    np.testing.assert_allclose(numbers[1], numbers[0], rtol=0, atol=0.051)
    assert slim(whole).count("<use") == whole.count("<use")


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_the_same_drawing_gives_the_same_bytes(form):
    assert figures.polar_area().save(form) == figures.polar_area().save(form)


@pytest.mark.parametrize("name", DRAWN)
def test_the_alt_text_says_the_structure_in_a_few_sentences(name):
    assert 30 <= len(DRAWN[name].alt.split()) <= 90
    assert "\n" not in DRAWN[name].alt


@pytest.mark.parametrize("colour", [BLUE, ORANGE])
@pytest.mark.parametrize("ground", ["#ffffff", "#131416"])
def test_lines_stand_out_on_the_light_and_on_the_dark_ground(colour, ground):
    assert contrast(colour, ground) >= 3


def test_drawing_leaves_the_readers_style_alone():
    before = dict(mpl.rcParams)
    figures.polar_area().svg()
    assert dict(mpl.rcParams) == before


def test_the_image_of_the_square_is_f_of_its_boundary_and_the_parallelogram_is_that_of_j():
    J = jacobian_analytical([1.5, 2.0])
    for ax, side in zip(DRAWN["square_image"].figure.axes, SIDES, strict=True):
        image, linear = (line.get_xydata() for line in ax.lines)
        np.testing.assert_allclose(image[0], f_vec([1.5, 2.0]))
        np.testing.assert_allclose(image[100], f_vec([1.5 + side, 2.0 + side]))
        assert shoelace(*linear.T) == pytest.approx(np.linalg.det(J) * side**2)


def test_the_smaller_square_is_nearer_to_its_parallelogram():
    gaps = []
    for ax, side in zip(DRAWN["square_image"].figure.axes, SIDES, strict=True):
        image, linear = (line.get_xydata() for line in ax.lines)
        gaps.append(np.abs(image - linear).max() / side)
    assert gaps[1] < gaps[0] / 3


def test_the_costs_are_drawn_as_measured_and_the_guides_have_the_slopes_they_name():
    for ax, what in zip(DRAWN["relu_cost"].figure.axes, ["seconds", "bytes"], strict=True):
        assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
        explicit, two, vjp, one = (line.get_xydata() for line in ax.lines)
        for line, costs in [(explicit, COSTS.explicit), (vjp, COSTS.vjp)]:
            assert line.tolist() == [[c.n, getattr(c, what)] for c in costs]
        for guide, slope in [(two, 2), (one, 1)]:
            assert np.polyfit(*np.log(guide).T, 1)[0] == pytest.approx(slope)
        assert [text.get_text() for text in ax.texts] == ["slope 2", "slope 1"]


def test_the_grid_has_its_circles_and_rays():
    circles, rays = np.split(np.array(DRAWN["polar_grid"].figure.axes[0].lines), [len(RADII)])
    for line, r in zip(circles, RADII, strict=True):
        np.testing.assert_allclose(np.hypot(*line.get_xydata().T), r)
    for line, theta in zip(rays, ANGLES, strict=True):
        np.testing.assert_allclose(line.get_xydata()[1], [2 * np.cos(theta), 2 * np.sin(theta)])


def test_the_cells_have_their_true_areas_and_the_colour_of_their_determinant():
    image, bar = DRAWN["polar_grid"].figure.axes[1:]
    (cells,) = image.collections
    r = cells.get_array()
    areas = [shoelace(*path.vertices[:-1].T) for path in cells.get_paths()]
    np.testing.assert_allclose(areas, r * (RADII[1] - RADII[0]) * ANGLES[1], rtol=1e-2)
    assert cells.get_clim() == (0, 2)
    assert bar.get_ylabel() == "|J| = r"


def test_the_sides_of_the_cell_are_the_columns_of_j():
    flat, bent = DRAWN["polar_area"].figure.axes
    (outline,) = (line.get_xydata() for line in bent.lines)
    sides = np.linalg.norm(np.diff(outline, axis=0), axis=1)
    np.testing.assert_allclose(sides, [0.4, np.pi / 6, 0.4, np.pi / 6])
    assert shoelace(*flat.patches[0].get_xy()[:4].T) == pytest.approx(0.4 * np.pi / 6)
    assert shoelace(*bent.patches[0].get_xy()[:-1].T) == pytest.approx(1.2 * 0.4 * np.pi / 6, rel=1e-4)


@pytest.mark.parametrize("name", DRAWN)
def test_in_print_the_letters_are_those_of_the_text_and_no_others(name):
    fonts = set(re.findall(rb"/FontName /[A-Z]{6}\+([-\w]+)", DRAWN[name].save("pdf")))
    assert fonts == {b"FigureSerif"}


def test_a_drawing_for_print_leaves_the_figure_as_it_was():
    picture = figures.polar_area()
    before = picture.figure.get_size_inches().tolist()
    picture.save("pdf")
    assert picture.figure.get_size_inches().tolist() == before
