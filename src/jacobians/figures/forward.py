"""Figures of book/forward.md."""

import numpy as np

from jacobians.figures.picture import BLUE, INK, ORANGE, Picture, arrow, canvas, styled
from jacobians.forward import jvp
from jacobians.jacobian import f_vec

POINT, TANGENT = np.array([1.5, 2.0]), np.array([-1.0, 0.5])
TIMES = [-1.0, 0.0, 1.0, 2.0]


@styled
def tangent_curve():
    """A line x + s t of inputs, and its image with the velocity J t at several points."""
    figure, (line, curve) = canvas(7.2, 3.3, columns=2)
    s = np.linspace(-1.5, 2.75, 200)
    points = POINT[:, None] + s * TANGENT[:, None]
    line.plot(*points, color=BLUE)
    curve.plot(*np.stack([f_vec(p) for p in points.T], axis=1), color=BLUE)
    for time in TIMES:
        value, tangent = jvp(f_vec, POINT + time * TANGENT, TANGENT)
        for ax, place, step in [(line, POINT + time * TANGENT, TANGENT), (curve, value, tangent)]:
            arrow(ax, place, place + 0.6 * step, ORANGE)
            ax.plot(*place, "o", color=INK, markersize=4)
            ax.annotate(f"s = {time:.0f}".replace("-", "−"), place, xytext=(6, 5), textcoords="offset points")
    line.set(title="inputs: x + s t, and 0.6 t", xlabel="x", ylabel="y")
    curve.set(title="outputs: f(x + s t), and 0.6 J t", xlabel="first output", ylabel="second output")
    for ax in (line, curve):
        ax.margins(0.12)
    alt = f"""Two panels. Left, in the plane of the inputs, a straight line through the point (1.5, 2), with the same
        arrow t at {len(TIMES)} of its points. Right, in the plane of the outputs, the bent image of that line under f;
        at the image of each point an arrow lies along the curve, longer where the curve is run through faster."""
    return Picture(figure, "tangent-curve", alt)
