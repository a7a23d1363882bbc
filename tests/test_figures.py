"""What a figure shows is what the mathematics says: positions, areas, slopes, colours, and its words."""

import base64
import gzip
import io
import re
import xml.etree.ElementTree as ET
import zlib
from functools import cache
from itertools import zip_longest

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path

from jacobians import backprop, differences, figures, flows, measure, measured, orders
from jacobians.figures import picture
from jacobians.figures.differences import LINES
from jacobians.figures.jacobian import SIDES, square
from jacobians.figures.measured import peers
from jacobians.figures.picture import BLUE, ORANGE, PRINT, STYLE
from jacobians.figures.polar import ANGLES, RADII
from jacobians.figures.slim import slim
from jacobians.jacobian import f_vec, jacobian_analytical
from jacobians.moons import moons_log_density, two_moons
from jacobians.polar import shoelace
from tests.drawn import kept, same, told

COSTS = measure.ReluCosts(
    explicit=[measure.Cost(n, 1e-9 * n**2, 8 * n**2) for n in (10, 100, 1000)],
    vjp=[measure.Cost(n, 1e-9 * n, 9 * n) for n in (10, 100, 1000, 10**4)],
    refused=0,
)
GROUPS = np.repeat([0, 1, 2], 100)
HEAPS = 5 * GROUPS[:, None] + np.random.default_rng(237).standard_normal((300, 2))
IMAGES = np.random.default_rng(237).uniform(-0.1, 1, (5, 64))
HEAPED = [(name, HEAPS, GROUPS) for name in ("before", "sheared", "white")]
HELD = two_moons(400, seed=238)
digits = cache(backprop.digits)


@cache
def trained(**options):
    return backprop.train(digits(), **options)


@cache
def learned():
    return flows.train(two_moons(400), HELD, couplings=8, hidden=16, steps=200, rate=0.02)


DRAWN = {
    "square_image": figures.square_image,
    "relu_cost": lambda: figures.relu_cost(COSTS),
    "tangent_curve": figures.tangent_curve,
    "step_curves": figures.step_curves,
    "coloured_matrix": figures.coloured_matrix,
    "layer_slopes": figures.layer_slopes,
    "layer_jacobians": figures.layer_jacobians,
    "product_orders": figures.product_orders,
    "training_curve": lambda: figures.training_curve(trained()),
    "forgotten_transpose": lambda: figures.forgotten_transpose(trained(), trained(epochs=6)),
    "wrong_digits": lambda: figures.wrong_digits(trained(), digits()),
    "plate": lambda: figures.plate(np.linspace(0, 0.8, 400), [(10, 11, 3), (20, 21, 3)]),
    "singular_ellipse": lambda: figures.singular_ellipse(np.array([[3.0, 1.0], [0.2, 1.0]])),
    "cluster_maps": lambda: figures.cluster_maps(HEAPED, GROUPS),
    "score_rows": lambda: figures.score_rows(*np.split(np.random.default_rng(237).uniform(0, 1, (11, 64)), [1])),
    "singular_spectrum": lambda: figures.singular_spectrum(*np.random.default_rng(237).uniform(1, 2, (2, 30, 10))),
    "moved_digit": lambda: figures.moved_digit(dict(zip("abcde", IMAGES, strict=True)), [7, 0, 7, 7, 0]),
    "peer_ratios": figures.peer_ratios,
    "polar_grid": figures.polar_grid,
    "polar_area": figures.polar_area,
    "volume_cells": figures.volume_cells,
    "flow_density": lambda: figures.flow_density(learned().flow, HELD),
    "flow_grid": lambda: figures.flow_grid(learned().flow),
    "flow_curve": lambda: figures.flow_curve(learned(), {"a": -1.9, "b": -1.2, "c": -1.0}),
    "disk_samples": lambda: figures.disk_samples(*np.random.default_rng(237).uniform(-0.7, 0.7, (2, 2, 900))),
}  # fmt: skip


@cache
def drawn(name):
    return DRAWN[name]()


def luminance(colour):
    """The relative luminance of a colour, as WCAG 2 defines it."""
    rgb = np.array(mpl.colors.to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", DRAWN)
def test_each_figure_draws_what_its_record_says(name):
    want, got = kept()[name], told(DRAWN[name]())  # anew: one that was saved answers as the layout left it
    other = [f"{b!r}, where the record has {a!r}" for a, b in zip_longest(want, got, fillvalue="") if not same(a, b)]
    assert not other, f"{name} draws {other[0]}; if it is meant so, `.venv/bin/python -m tests.drawn` keeps it"


def test_every_figure_is_looked_at_here():
    assert set(DRAWN) == set(figures.__all__)


@pytest.mark.parametrize("name", DRAWN)
def test_each_edition_gets_its_form_of_the_figure(name):
    forms = drawn(name)._repr_mimebundle_()
    assert set(forms) == {"text/html", "application/pdf", "image/png", "text/plain"}
    assert forms["text/plain"] == drawn(name).alt == repr(drawn(name))


@pytest.mark.parametrize("name", DRAWN)
def test_the_svg_is_well_formed_named_small_and_takes_the_ink_of_the_page(name):
    svg = drawn(name).svg()
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == drawn(name).alt
    assert root.get("width") is None
    assert root.get("viewBox")
    assert "currentColor" in svg
    assert "#000000" not in svg
    assert len(gzip.compress(svg.encode())) < 40 * 1024


@pytest.mark.parametrize("name", DRAWN)
def test_the_ids_of_a_figure_are_its_own_and_every_use_finds_one(name):
    svg = drawn(name).svg()
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(i.startswith(name.replace("_", "-")) for i in ids)
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg)) <= {(i, "") for i in ids} | {("", i) for i in ids}


def points(path, scale):
    """The points of a path as fontTools reads them, those that no screen tells apart taken once."""
    pen = RecordingPen()
    parse_path(path, pen)
    told = np.round([at for _, ends in pen.value for at in ends], 1 if not scale else 0) * float(scale or 1)
    return [at for i, at in enumerate(told) if not i or (at != told[i - 1]).any()]


def test_a_slim_drawing_keeps_its_coordinates_to_a_tenth_of_a_point_and_its_marks():
    whole = figures.polar_area().save("svg").decode()
    seen = re.sub(r'<path[^>]*style="fill: none"/>', "", whole)
    paths = r'(?s) d="([^"]+)"(?: transform="scale\(([\d.]+)\)")?'
    drawn = [[at for path in re.findall(paths, svg) for at in points(*path)] for svg in (seen, slim(whole))]
    assert len(drawn[0]) == len(drawn[1]) > 500
    np.testing.assert_allclose(drawn[1], drawn[0], rtol=0, atol=0.1)
    assert slim(whole).count("<use") == whole.count("<use")


STYLED = 'style="fill: red; stroke: #000"'


@pytest.mark.parametrize(
    ("svg", "less"),
    [
        ('<a/> <!-- one\n two -->\n<b/><!-- three --><c/>', '<a/><b/><c/>'),
        ('<g id="p">\n <path d="M 0 0 L 9 0" style="fill: none"/>\n</g><rect/>', '<rect/>'),
        ('<path d="M 800 0 L 816 8 Q 824 16 832 8 z" transform="scale(0.015625)"/>',
         '<path d="M100 0l2 1q1 1 2 0z" transform="scale(.125)"/>'),
        ('<use href="l" transform="translate(61.6 0)"/>', '<use href="l" x="62"/>'),
        ('<use transform="translate(61.6 7.125)"/>', '<use transform="translate(61.6 7.12)"/>'),
        ('<use x="12.3456" y="-0.004"/><use x="9.999" y="10.04"/>', '<use x="12.3" y="0"/><use x="10" y="10"/>'),
        (f'<g clip="c"> <use x="1" {STYLED}/> <use x="2" {STYLED}/> </g>',
         '<g clip="c" style="fill:red;stroke:#000"><use x="1"/><use x="2"/></g>'),
        ('<g a="b"><use x="1" style="fill: red"/><use x="2" style="fill: tan"/></g>',
         '<g a="b"><use x="1" style="fill:red"/><use x="2" style="fill:tan"/></g>'),
        ('<a id="a"/><use href="#b"/><a id="b"/><g clip-path="url(#c)"/><a id="c"/>',
         '<a/><use href="#b"/><a id="b"/><g clip-path="url(#c)"/><a id="c"/>'),
        ('<g id="x"><g>\n<g><a/></g><b/></g></g><g y="1"><g><c/></g></g>', '<a/><b/><g y="1"><c/></g>'),
        ('<a d="M 0 0 \nL 5 0 \nL 5 5 \nz \nM 2 2 \nL 1 2 \nL 0 2 \nz"/>', '<a d="M0 0l5 0 0 5zM2 2l-1 0-1 0z"/>'),
        ('<a d="M 1 1 L 2 1 z L 1 3 L 1.004 3 L 0.5 0.25"/>', '<a d="M1 1l1 0zl0 2-.5-2.75"/>'),
        ('<a d="M 10 10 C 11 10 12 11 12.04 12.06"/><a d="M 9.996 0.06"/>',
         '<a d="M10 10c1 0 2 1 2 2.1"/><a d="M10 .06"/>'),
    ],
)  # fmt: skip
def test_a_slim_drawing_tells_the_same_in_fewer_letters(svg, less):
    assert slim(svg) == less


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_the_same_drawing_gives_the_same_bytes(form):
    assert figures.polar_area().save(form) == figures.polar_area().save(form)


@pytest.mark.parametrize("name", DRAWN)
def test_the_alt_text_says_the_structure_in_a_few_sentences(name):
    assert 30 <= len(drawn(name).alt.split()) <= 90
    assert "\n" not in drawn(name).alt


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
    for ax, side in zip(drawn("square_image").figure.axes, SIDES, strict=True):
        image, linear = (line.get_xydata() for line in ax.lines)
        np.testing.assert_allclose(image[0], f_vec([1.5, 2.0]))
        np.testing.assert_allclose(image[100], f_vec([1.5 + side, 2.0 + side]))
        assert shoelace(*linear.T) == pytest.approx(np.linalg.det(J) * side**2)


def test_the_square_is_walked_round_counter_clockwise_from_its_corner():
    edge = square(0.5, points=3)
    assert edge.T.tolist() == [
        [1.5, 2.0], [1.75, 2.0], [2.0, 2.0], [2.0, 2.0], [2.0, 2.25], [2.0, 2.5],
        [2.0, 2.5], [1.75, 2.5], [1.5, 2.5], [1.5, 2.5], [1.5, 2.25], [1.5, 2.0],
    ]  # fmt: skip
    assert square(1.0).shape == (2, 200)


def test_the_curves_of_the_steps_are_the_errors_of_the_formulas():
    lines = drawn("step_curves").figure.axes[0].lines
    for line in lines[:-1]:
        method = line.get_label().partition(",")[0]
        if method not in LINES:  # the dot at the step of theory
            continue
        h, errors = line.get_xydata().T
        at = int(np.argmin(np.abs(h - 1e-2)))
        J = differences.jacobian(lambda x: np.array([x[0] ** 2 + x[1], np.sin(x[0]) * x[1]]), [1.5, 2.0],
                                 method=method, step=float(h[at]))  # fmt: skip
        assert errors[at] == pytest.approx(np.abs(J - jacobian_analytical([1.5, 2.0])).max(), rel=1e-6)
        assert errors.min() >= 1e-17
    assert min(line.get_ydata().min() for line in lines[:-1]) == 1e-17


def test_a_digit_is_drawn_from_white_to_black_between_0_and_1():
    images = [ax.images[0] for ax in drawn("moved_digit").figure.axes if ax.images]
    assert len(images) == 5
    for image, ax in zip(images, drawn("moved_digit").figure.axes, strict=False):
        assert (image.norm.vmin, image.norm.vmax, image.cmap.name) == (0, 1, "gray_r")
        assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0
        assert {spine.get_linewidth() for spine in ax.spines.values()} == {0.3}


def test_every_peer_of_the_chart_has_a_mark_and_every_stem_is_in_its_legend():
    figure, runs = drawn("peer_ratios").figure, measured.read()
    points = list(peers(runs))
    marks = [line for line in figure.axes[0].lines if line.get_marker() not in ("", "None", None)]
    assert sum(len(line.get_xdata()) for line in marks) == len(points)
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {stem for _, stem, _ in points} == set(runs)
    assert {y for line in marks for y in line.get_ydata()} == set(range(len({label for label, _, _ in points})))


def test_the_marks_of_the_chart_are_medians_of_peers_over_the_fastest_of_ours():
    def timed(label, role, median, **over):
        return {"label": label, "role": role, "seconds": [0.5 * median, median, 2 * median], "over": over}

    problem = {
        "contenders": [
            timed("slow", "ours", 2.0),
            timed("fast", "ours", 1.0, slow=[0.4, 0.5, 0.6]),
            timed("JAX", "peer", 3.0, fast=[2.0, 3.0, 4.0], slow=[1.0, 1.5, 2.0]),
            timed("torch", "peer", 3.0, slow=[1.0, 1.5, 2.0]),
        ]
    }
    assert list(peers({"layers": {"problems": [problem]}})) == [("JAX", "layers", 3.0)]


def test_the_smaller_square_is_nearer_to_its_parallelogram():
    gaps = []
    for ax, side in zip(drawn("square_image").figure.axes, SIDES, strict=True):
        image, linear = (line.get_xydata() for line in ax.lines)
        gaps.append(np.abs(image - linear).max() / side)
    assert gaps[1] < gaps[0] / 3


def test_the_costs_are_drawn_as_measured_and_the_guides_have_the_slopes_they_name():
    for ax, what in zip(drawn("relu_cost").figure.axes, ["seconds", "bytes"], strict=True):
        assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
        explicit, two, vjp, one = (line.get_xydata() for line in ax.lines)
        for line, costs in [(explicit, COSTS.explicit), (vjp, COSTS.vjp)]:
            assert line.tolist() == [[c.n, getattr(c, what)] for c in costs]
        for guide, slope in [(two, 2), (one, 1)]:
            assert np.polyfit(*np.log(guide).T, 1)[0] == pytest.approx(slope)
        assert [text.get_text() for text in ax.texts] == ["slope 2", "slope 1"]


def test_the_grid_has_its_circles_and_rays():
    circles, rays = np.split(np.array(drawn("polar_grid").figure.axes[0].lines), [len(RADII)])
    for line, r in zip(circles, RADII, strict=True):
        np.testing.assert_allclose(np.hypot(*line.get_xydata().T), r)
    for line, theta in zip(rays, ANGLES, strict=True):
        np.testing.assert_allclose(line.get_xydata()[1], [2 * np.cos(theta), 2 * np.sin(theta)])


def test_the_cells_have_their_true_areas_and_the_colour_of_their_determinant():
    image, bar = drawn("polar_grid").figure.axes[1:]
    (cells,) = image.collections
    r = cells.get_array()
    areas = [shoelace(*path.vertices[:-1].T) for path in cells.get_paths()]
    np.testing.assert_allclose(areas, r * (RADII[1] - RADII[0]) * ANGLES[1], rtol=1e-2)
    assert cells.get_clim() == (0, 2)
    assert bar.get_ylabel() == "|det J| = r"


def test_the_sides_of_the_cell_are_the_columns_of_j():
    flat, bent = drawn("polar_area").figure.axes
    (outline,) = (line.get_xydata() for line in bent.lines)
    sides = np.linalg.norm(np.diff(outline, axis=0), axis=1)
    np.testing.assert_allclose(sides, [0.4, np.pi / 6, 0.4, np.pi / 6])
    assert shoelace(*flat.patches[0].get_xy()[:4].T) == pytest.approx(0.4 * np.pi / 6)
    assert shoelace(*bent.patches[0].get_xy()[:-1].T) == pytest.approx(1.2 * 0.4 * np.pi / 6, rel=1e-4)


def test_the_orders_are_drawn_as_counted_and_cross_where_outputs_are_as_many_as_inputs():
    ends, waists = drawn("product_orders").figure.axes
    for ax, chain in [(ends, lambda n: (64, 64, 64, 64, n)), (waists, lambda n: (64, 64, n, 64, 64))]:
        assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
        counts = lambda n: orders.fewest(n)[0], orders.from_left, orders.from_right
        for line, count in zip(ax.lines, counts, strict=False):
            assert line.get_xydata().tolist() == [[n, count(chain(int(n)))] for n in line.get_xdata()]
    left, right = (line.get_ydata() for line in ends.lines[1:3])
    n = ends.lines[0].get_xdata()
    assert ((left < right) == (n < 64)).all()
    assert ((left == right) == (n == 64)).all()
    fewest, left, right = (line.get_ydata() for line in waists.lines[:3])
    assert (left == right).all()
    assert ((fewest < left) == (np.array(n) != 64)).all()


def test_the_training_is_drawn_as_it_went_and_ends_below_its_line():
    losses, errors = drawn("training_curve").figure.axes
    learnt, held = (line.get_ydata() for line in losses.lines)
    np.testing.assert_allclose(learnt, trained().losses.reshape(30, -1).mean(axis=1))
    np.testing.assert_array_equal(held, trained().held_losses)
    wrong, limit = (line.get_ydata() for line in errors.lines)
    np.testing.assert_allclose(wrong, 100 * (1 - trained().accuracies))
    assert wrong[-1] < limit[0] == 3
    assert learnt[-1] < learnt[9] / 2 < held[9] / 2 < held[-1]  # what the caption says: one falls, the other levels off
    assert wrong[1] == max(wrong)


def test_both_curves_of_the_forgotten_transpose_are_drawn_as_they_went():
    right, wrong = (line.get_ydata() for line in drawn("forgotten_transpose").figure.axes[0].lines)
    np.testing.assert_allclose(right, trained().losses.reshape(30, -1).mean(axis=1))
    np.testing.assert_allclose(wrong, trained(epochs=6).losses.reshape(6, -1).mean(axis=1))


def test_the_wrong_digits_are_those_that_the_network_gets_wrong_over_their_probabilities():
    p, axes = trained().probabilities(digits().held_images), drawn("wrong_digits").figure.axes
    wrong = np.flatnonzero(p.argmax(axis=1) != digits().held_labels)
    assert len(wrong) == 6 == len(axes) // 2
    for i, image, bars in zip(wrong, axes[:6], axes[6:], strict=True):
        np.testing.assert_array_equal(image.images[0].get_array(), digits().held_images[i].reshape(8, 8))
        assert image.get_title() == f"{digits().held_labels[i]}, read as {p[i].argmax()}"
        np.testing.assert_allclose([bar.get_height() for bar in bars.patches], p[i])
        blue = [k for k, bar in enumerate(bars.patches) if bar.get_facecolor() == mpl.colors.to_rgba(BLUE)]
        assert blue == [digits().held_labels[i]]
        assert p[i].max() > 0.5


@pytest.mark.parametrize("name", DRAWN)
def test_in_print_the_letters_are_those_of_the_text_and_no_others(name):
    fonts = set(re.findall(rb"/FontName /[A-Z]{6}\+([-\w]+)", drawn(name).save("pdf")))
    assert fonts == {b"FigureSerif"}


def test_a_drawing_for_print_leaves_the_figure_as_it_was():
    picture = figures.polar_area()
    before = picture.figure.get_size_inches().tolist()
    picture.save("pdf")
    assert picture.figure.get_size_inches().tolist() == before


@pytest.mark.parametrize("name", ["polar_area", "coloured_matrix"])
def test_the_printed_page_of_a_figure_ends_a_fiftieth_of_an_inch_beyond_what_is_drawn(name):
    whole = drawn(name)
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", whole.save("pdf"))
    with mpl.rc_context(STYLE | PRINT):
        narrow = whole.printed()
        narrow.draw_without_rendering()
        tight = narrow.get_tightbbox()
    wide, high = whole.figure.get_size_inches()
    assert float(box[1]) == pytest.approx(72 * 6 / 7 * wide)
    assert float(box[2]) == pytest.approx(72 * (tight.height + 0.04), abs=0.001)
    assert tight.height + 0.04 != pytest.approx(high, abs=0.01)


def test_the_printed_page_of_a_figure_holds_what_is_drawn_and_all_its_width():
    box = picture.drawn(drawn("polar_area").printed())
    assert (box.x0, box.x1) == (0, 6)
    assert 0 < box.y0 < 0.05
    assert 3.05 < box.y1 < 3.1


def test_in_print_panels_that_keep_their_shape_stand_close():
    with mpl.rc_context(STYLE | PRINT):
        figure = drawn("coloured_matrix").printed()
        figure.draw_without_rendering()
    left, right = (ax.get_position() for ax in figure.axes[:2])
    assert 0 < right.x0 - left.x1 < 0.1


def test_an_image_has_a_white_ground_and_a_hundred_points_an_inch():
    image = mpl.image.imread(io.BytesIO(base64.b64decode(drawn("polar_area")._repr_mimebundle_()["image/png"])))
    assert image.shape == (310, 700, 4)
    assert image[..., 3].min() == 1
    assert image[0, 0].tolist() == [1, 1, 1, 1]


def test_in_print_a_figure_has_no_ground_and_no_date():
    pdf = drawn("polar_area").save("pdf")
    assert b"/CreationDate" not in pdf
    streams = [zlib.decompress(data) for data in re.findall(rb"(?s)stream\r?\n(x.*?)\r?\nendstream", pdf)]
    fills = [grey for data in streams for grey in re.findall(rb"([\d.]+) g\b", data)]
    assert fills
    assert b"1" not in fills  # white


def test_a_drawing_is_named_by_its_page_and_says_nothing_of_its_making():
    svg = picture.Picture(drawn("polar_area").figure, "fig", 'a < "b"').svg()
    assert svg.startswith('<svg class="figure" role="img" aria-label="a &lt; &quot;b&quot;" fill="currentColor" xmlns')
    assert svg.count('role="img"') == 1
    assert "metadata" not in svg
    assert "matplotlib" not in svg
    assert " width=" not in svg.split(">")[0]
    assert " height=" not in svg.split(">")[0]
    assert all(name.startswith("fig-") for name in re.findall(r'\bid="([^"]+)"', svg))
    assert "Date" not in drawn("polar_area").save("svg").decode()


def test_the_words_for_a_figure_are_one_line():
    assert repr(picture.Picture(None, "fig", " two\n   lines ")) == "two lines"


def test_a_canvas_is_of_a_page_and_its_panels_stand_side_by_side():
    figure, axes = picture.canvas()
    assert figure.get_size_inches().tolist() == [7.0, 3.4]
    assert len(figure.axes) == 1
    assert axes is figure.axes[0]
    figure, axes = picture.canvas(5.0, 2.0, columns=3, sharey=True)
    assert figure.get_size_inches().tolist() == [5.0, 2.0]
    assert [(ax.get_subplotspec().rowspan.start, ax.get_subplotspec().colspan.start) for ax in axes] == [
        (0, 0), (0, 1), (0, 2),
    ]  # fmt: skip
    assert axes[0].get_shared_y_axes().joined(axes[0], axes[2])


@pytest.mark.parametrize("options", [{}, {"color": ORANGE}])
def test_an_arrow_goes_from_the_first_point_to_the_second(options):
    _, axes = picture.canvas()
    picture.arrow(axes, (0.1, 0.2), (0.5, 0.8), **options)
    (arrow,) = axes.texts
    assert (arrow.get_text(), arrow.xy, arrow.xyann) == ("", (0.5, 0.8), (0.1, 0.2))
    assert arrow.arrow_patch.get_edgecolor() == mpl.colors.to_rgba(options.get("color", "#000000"))
    assert isinstance(arrow.arrow_patch.get_arrowstyle(), mpl.patches.ArrowStyle.CurveFilledB)
    assert arrow.arrow_patch.shrinkA == arrow.arrow_patch.shrinkB == 0


def test_the_lines_of_the_grid_come_from_straight_lines():
    square, plane = drawn("flow_grid").figure.axes
    assert len(square.lines) == len(plane.lines) == 22
    assert {len(line.get_xydata()) for line in plane.lines} == {161}  # so that they look smooth
    ends = np.array([line.get_xydata()[[0, -1]] for line in square.lines])
    along, at = np.repeat([[-2.5, 2.5]], 11, axis=0), np.repeat(np.linspace(-2.5, 2.5, 11), 2).reshape(11, 2)
    np.testing.assert_allclose(ends, [*np.stack([at, along], axis=-1), *np.stack([along, at], axis=-1)], atol=1e-12)
    for before, after in zip(square.lines, plane.lines, strict=True):
        z, _ = learned().flow.forward(after.get_xydata())
        np.testing.assert_allclose(z[[0, -1]], before.get_xydata()[[0, -1]], atol=1e-12)
        assert np.ptp(z, axis=0).min() < 1e-12


def test_the_panels_of_the_flow_hold_its_samples_and_the_points_that_were_held_out():
    points, samples, density, _ = drawn("flow_density").figure.axes
    np.testing.assert_array_equal(points.lines[0].get_xydata(), HELD[:320])
    np.testing.assert_allclose(samples.lines[0].get_xydata(), learned().flow.sample(320))
    edge = density.collections[-1].get_paths()[0].vertices
    np.testing.assert_allclose(np.exp(moons_log_density(edge)), 0.05, rtol=0.4)


def test_the_curve_is_that_of_the_training_and_the_dotted_lines_are_the_rivals():
    for ax in drawn("flow_curve").figure.axes:
        batches, held, *rivals = (line.get_xydata() for line in ax.lines)
        assert held.tolist() == [[step, -loss] for step, loss in learned().held]
        np.testing.assert_allclose(batches[0], [12.5, -learned().losses[:25].mean()])
        assert [line[0, 1] for line in rivals] == [-1.9, -1.2, -1.0]
    assert [[text.get_text() for text in ax.texts] for ax in drawn("flow_curve").figure.axes] == [["a"], ["b", "c"]]
