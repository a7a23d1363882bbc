"""Figures of book/volume.md."""

import numpy as np
from matplotlib.collections import PolyCollection

from jacobians.figures.picture import BLUE, INK, ORANGE, Picture, canvas, styled
from jacobians.volume import Elliptic

SIDES = 6, 9  # cells along μ and ν
CORNER = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0, 1.0])


def boundary(corner, sides, points=5):
    """The boundary of a rectangle, counter-clockwise, shape (2, 4 · points)."""
    s, zero = np.linspace(0, 1, points), np.zeros(points)
    unit = np.hstack([[s, zero], [zero + 1, s], [s[::-1], zero + 1], [zero, s[::-1]]])
    return corner[:, None] + np.asarray(sides)[:, None] * unit


@styled
def volume_cells():
    """Rectangles in (μ, ν), and their images with the parallelogram of the Jacobian at each corner."""
    figure, (flat, bent) = canvas(7.2, 3.4, columns=2)
    g, sides = Elliptic(1.0), np.array([1 / SIDES[0], np.pi / 2 / SIDES[1]])
    corners = [sides * (i, j) for i in range(SIDES[0]) for j in range(SIDES[1])]
    cells = [boundary(corner, sides) for corner in corners]
    linear = [g.map(*c)[:, None] + (g.jacobian(*c) * sides) @ np.array(CORNER) for c in corners]
    for ax, shapes in [(flat, cells), (bent, [g.map(*cell) for cell in cells])]:
        ax.add_collection(PolyCollection([s.T for s in shapes], facecolor=(BLUE, 0.25), edgecolor=BLUE, linewidth=1))
    outline = PolyCollection([p.T for p in linear], facecolor="none", edgecolor=ORANGE, linestyle="--", linewidth=1.2)
    bent.add_collection(outline).set_label("parallelogram of J")
    flat.set(xlabel="μ", ylabel="ν in radians", xlim=(-0.05, 1.1), ylim=(-0.05, 1.7), title="cells Δμ Δν")
    bent.set(
        xlabel="x", ylabel="y", aspect="equal", xlim=(-0.1, 1.7), ylim=(-0.2, 1.4), title="area near |det J| Δμ Δν"
    )
    bent.plot([1], [0], "o", color=INK, markersize=4)
    bent.annotate("focus", (1, 0), xytext=(0, -13), textcoords="offset points", ha="center")
    bent.legend(loc="upper right", fontsize=8)
    alt = f"""Left, {SIDES[0]} by {SIDES[1]} equal rectangles in the plane of μ and ν. Right, their images under
        elliptic coordinates, cells between quarter ellipses and hyperbolas, each with a dashed parallelogram at its
        inner corner. The cells are smallest at the focus, (1, 0), and largest outside; each parallelogram almost
        covers its cell."""
    return Picture(figure, "volume-cells", alt)


@styled
def disk_samples(wrong, right, shown=500):
    """The same random numbers as points of a disk, with r = u and with r = √u."""
    titles = ["r = u: crowded in the middle", "r = √u: even"]
    figure, panels = canvas(7.0, 3.8, columns=2, subplot_kw={"aspect": "equal"})
    around = np.linspace(0, 2 * np.pi, 200)
    for ax, points, colour, mark, title in zip(panels, [wrong, right], [ORANGE, BLUE], "s.", titles, strict=True):
        ax.plot(*points[:, :shown], mark, color=colour, markersize={"s": 1.6, ".": 3}[mark])
        for k in range(1, 5):
            ax.plot(*(np.sqrt(k / 4) * np.array([np.cos(around), np.sin(around)])), color=INK, linewidth=0.6)
        ax.set(title=title, xlabel="x", ylabel="y", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    inside = [np.mean(np.hypot(*points) < 0.5) for points in (wrong, right)]
    alt = f"""Two disks of radius 1, each with {shown} points and with circles that cut it into four rings of equal
        area. Left, where the radius is uniform, the points crowd in the innermost ring, with
        {100 * inside[0]:.0f} in a hundred; right, where it is the root of a uniform number, each ring has as many, the
        innermost {100 * inside[1]:.0f}."""
    return Picture(figure, "disk-samples", alt)
