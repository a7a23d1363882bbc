"""Figures of book/differences.md."""

import numpy as np
from matplotlib.patches import Rectangle

from jacobians.colouring import sparsity_plan
from jacobians.differences import jacobian
from jacobians.figures.picture import BLUE, INK, ORANGE, Picture, canvas, styled
from jacobians.formulas import EPS, POWER
from jacobians.jacobian import jacobian_analytical

POINT = np.array([1.5, 2.0])
LINES = {"forward": ("-", BLUE, 1), "central": ("--", ORANGE, 2), "central4": ("-.", BLUE, 4), "complex": (":", INK, 2)}
HATCHES = ["", "///", "|||"]  # not dots: each would be a circle, and all of them half of the page


def example(x):
    """The worked example without its checks, so that complex numbers may pass."""
    return np.array([x[0] ** 2 + x[1], np.sin(x[0]) * x[1]])


def errors(method, steps):
    """The largest error of J at `POINT` for each step, and at least 1e-17 to be drawn."""
    exact = jacobian_analytical(POINT)
    return [max(np.max(np.abs(jacobian(example, POINT, method=method, step=h) - exact)), 1e-17) for h in steps]


@styled
def step_curves():
    """The error of each formula over its step, both axes logarithmic, with the slopes and the steps of theory."""
    figure, ax = canvas(7.0, 4.0)
    steps = 10.0 ** np.arange(-13, 0.01, 0.125)
    for method, (line, colour, order) in LINES.items():
        ax.loglog(steps, errors(method, steps), line, color=colour, label=f"{method}, slope {order}")
        if method in POWER:
            best = EPS ** POWER[method]
            ax.plot(best, *errors(method, [best]), "o", color=INK, markersize=5)
            ax.annotate(rf"$ϵ^{{1/{1 / POWER[method]:.0f}}}$", (best, *errors(method, [best])),
                        xytext=(-2, 12), textcoords="offset points", ha="center",
                        math_fontfamily="custom")  # fmt: skip
    ax.loglog(steps, EPS / steps, color=INK, linewidth=0.8)
    ax.annotate("rounding, slope −1", (2e-12, EPS / 2e-12), xytext=(0, 15), textcoords="offset points", rotation=-27,
                rotation_mode="anchor")  # fmt: skip
    ax.set(xlabel="step h", ylabel="largest error of J", ylim=(4e-18, 1))
    ax.legend(loc="upper center")
    alt = """Four curves of error over step, h from 1e-13 to 1. Forward, central and fourth-order differences form a V:
        from the right they fall along lines of slope 1, 2 and 4, and to the left of their lowest points all three climb
        along one line of slope -1. A dot on each marks the step of theory, near the lowest one. The complex step falls
        along the central line, with slope 2, to the bottom of the picture, and stays there."""
    return Picture(figure, "step-curves", alt)


@styled
def coloured_matrix(n=12):
    """A tridiagonal matrix with its columns in three colours, and the three columns that hold all its entries."""
    plan = sparsity_plan((1, 1), n)
    shades = np.array([BLUE, ORANGE, "#9a9a9a"])
    figure, panels = canvas(
        6.4, 3.9, columns=2, subplot_kw={"aspect": "equal"}, width_ratios=[n, 3], gridspec_kw={"wspace": 0.15}
    )
    figure.set_layout_engine("compressed")
    rows = np.repeat(np.arange(n), np.diff(plan.indptr))
    for ax, columns, title in [
        (panels[0], plan.indices, f"J, shape ({n}, {n})"),
        (panels[1], plan.colour[plan.indices], f"found, ({n}, 3)"),
    ]:
        for i, j, c in zip(rows, columns, plan.colour[plan.indices], strict=True):
            cell = Rectangle(
                (j, i), 1, 1, facecolor=shades[c], hatch=HATCHES[c], edgecolor=INK, linewidth=0.4, alpha=0.6
            )
            ax.add_patch(cell)
        ax.set(xlim=(0, columns.max() + 1), ylim=(n, 0), title=title, xticks=[], yticks=[])
    panels[0].set(xlabel="input j", ylabel="output i")
    panels[1].set(xlabel="colour")
    alt = f"""Left, a square matrix of {n} rows whose entries lie on three diagonals; its columns take three colours in
        turn, so that no row holds two entries of one colour. Right, a matrix of {n} rows and three columns, one a
        colour, into which all entries of a colour have moved along their rows without meeting."""
    return Picture(figure, "coloured-matrix", alt)
