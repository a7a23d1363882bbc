"""Figures of book/jacobian.md."""

import numpy as np

from jacobians.figures.picture import BLUE, ORANGE, Picture, arrow, canvas, styled
from jacobians.jacobian import f_vec, jacobian_analytical

POINT = np.array([1.5, 2.0])
SIDES = [0.5, 0.1]


def square(side, points=50):
    """The boundary of the square at `POINT`, counter-clockwise, shape (2, 4·points)."""
    s, zero = np.linspace(0, side, points), np.zeros(points)
    return POINT[:, None] + np.hstack([[s, zero], [zero + side, s], [s[::-1], zero + side], [zero, s[::-1]]])


@styled
def square_image():
    """The image of a square under f beside the parallelogram of J, for two sizes of the square."""
    figure, panels = canvas(columns=2)
    J, y = jacobian_analytical(POINT), f_vec(POINT)
    for ax, side in zip(panels, SIDES, strict=True):
        edge = square(side)
        image = np.array([f_vec(p) for p in edge.T]).T
        linear = y[:, None] + J @ (edge - POINT[:, None])
        ax.fill(*image, facecolor=BLUE, alpha=0.25, edgecolor="none")
        ax.plot(*image, color=BLUE, label="image of the square under f")
        ax.plot(*linear, color=ORANGE, linestyle="--", label="parallelogram of J")
        for j in range(2):
            tip = y + side * J[:, j]
            arrow(ax, y, tip)
            ax.annotate(f"{side} · column {j + 1}", (y + tip) / 2, xytext=[(2, 10), (8, -4)][j],
                        textcoords="offset points", ha=["center", "left"][j])  # fmt: skip
        ax.set(title=f"square of side {side}", xlabel="first output", ylabel="second output")
        ax.margins(0.15)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    alt = f"""Two panels in the plane of the outputs. In each, the curved image of a square whose corner is the point
        (1.5, 2) and the parallelogram spanned by the two columns of the Jacobian there. For the square of side
        {SIDES[0]} the curved image bends away from the parallelogram; for side {SIDES[1]} they almost coincide."""
    return Picture(figure, "square-image", alt)
