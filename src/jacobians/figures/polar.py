"""Figures of book/polar.md."""

import numpy as np
from matplotlib.collections import PolyCollection

from jacobians.figures.picture import BLUE, ORANGE, Picture, arrow, canvas, styled
from jacobians.polar import polar_cell, polar_determinant, polar_jacobian, polar_to_cartesian

RADII = np.linspace(0.1, 2.0, 10)
ANGLES = np.linspace(0, 2 * np.pi, 24)


@styled
def polar_grid():
    """The polar grid, and its image with each cell in its true shape, coloured by the determinant, r."""
    figure, (grid, image) = canvas(
        7.4, 3.5, columns=2, subplot_kw={"aspect": "equal", "xlim": (-2.2, 2.2), "ylim": (-2.2, 2.2)}
    )
    around = np.linspace(0, 2 * np.pi, 200)
    for r in RADII:
        grid.plot(*polar_to_cartesian(r, around), color=BLUE, linewidth=0.8)
    for theta in ANGLES:
        grid.plot(*polar_to_cartesian([0, 2], theta), color=BLUE, linewidth=0.5)
    grid.set(title="polar grid (r, θ)", xlabel="x", ylabel="y")

    cells = [polar_cell(r, RADII[1] - RADII[0], t, ANGLES[1], points=5).T for r in RADII[:-1] for t in ANGLES[:-1]]
    middles = np.repeat((RADII[1:] + RADII[:-1]) / 2, len(ANGLES) - 1)
    drawn = image.add_collection(
        PolyCollection(cells, array=polar_determinant(middles), cmap="viridis", edgecolor="white", linewidth=0.4)
    )
    drawn.set_clim(0, 2)
    image.set(title="Cartesian cells (colour = |det J| = r)", xlabel="x")
    figure.colorbar(drawn, ax=image, label="|det J| = r")
    alt = f"""Two panels with the same axes x and y from -2.2 to 2.2. Left, the polar grid: {len(RADII)} circles of
        radius 0.1 to 2.0 and {len(ANGLES) - 1} rays. Right, the {len(cells)} cells between them in their true shapes,
        narrow near the origin and wide outside, coloured by the determinant from dark at r = 0 to light at r = 2;
        a colour bar gives the scale."""
    return Picture(figure, "polar-grid", alt)


@styled
def polar_area(r=1.0, dr=0.4, theta=np.pi / 6, dtheta=np.pi / 6):
    """A rectangle in (r, θ) and its image in (x, y), with the parallelogram of J at its corner."""
    figure, (flat, bent) = canvas(7.0, 3.1, columns=2)
    flat.fill([r, r + dr, r + dr, r], [theta, theta, theta + dtheta, theta + dtheta], color=BLUE, alpha=0.35)
    flat.set(xlabel="r", ylabel="θ in radians", xlim=(0, 1.6), ylim=(0, 1.6), title="area Δr Δθ")

    corner, J = polar_to_cartesian(r, theta), polar_jacobian(r, theta)
    sides = J * [dr, dtheta]
    bent.fill(*polar_cell(r, dr, theta, dtheta, points=50), color=BLUE, alpha=0.35, label="image of the cell")
    outline = corner[:, None] + np.stack([0 * corner, sides[:, 0], sides.sum(axis=1), sides[:, 1], 0 * corner], axis=1)
    bent.plot(*outline, "--", color=ORANGE, label="parallelogram of J")
    for side, name in zip(sides.T, ["Δr", "r Δθ"], strict=True):
        arrow(bent, corner, corner + side)
        offset = (6, -10) if name == "Δr" else (-26, -12)
        bent.annotate(name, corner + side / 2, xytext=offset, textcoords="offset points")
    bent.set(xlabel="x", ylabel="y", aspect="equal", xlim=(0, 1.6), ylim=(0, 1.6), title="area near r Δr Δθ")
    bent.legend(loc="upper right", fontsize=8)
    alt = """Left, a rectangle in the plane of r and θ. Right, its image in the plane of x and y, a sector of a ring,
        with the parallelogram that the columns of the Jacobian span at the inner corner: one side, Δr long, points
        away from the origin; the other, r Δθ long, is at right angles to it. The sector is a little wider outside."""
    return Picture(figure, "polar-area", alt)
