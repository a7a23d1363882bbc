"""Figures of book/flows.md."""

import numpy as np

from jacobians.figures.picture import BLUE, INK, ORANGE, Picture, canvas, styled
from jacobians.flows import HELD_EVERY
from jacobians.moons import moons_log_density

BOX = (-1.6, 2.6), (-1.1, 1.6)
LEVELS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.9)
SHOWN = 320  # points of a panel
EDGE = 0.05  # the true density on the dashed line
REACH, LINES = 2.5, 11  # of the grid in z


@styled
def flow_density(flow, held):
    """Held-out points, samples of the flow, and its density, with a level line of the true one."""
    figure, panels = canvas(8.0, 2.5, columns=3, subplot_kw={"aspect": "equal"})
    for ax, points, colour, mark in zip(panels, [held, flow.sample(SHOWN)], [BLUE, ORANGE], ".s", strict=False):
        ax.plot(*points[:SHOWN].T, mark, color=colour, markersize={".": 3, "s": 1.6}[mark])
    x, y = np.linspace(*BOX[0], 66), np.linspace(*BOX[1], 42)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    drawn = panels[2].contourf(x, y, np.exp(flow.log_density(points)), LEVELS, cmap="viridis", extend="max")
    drawn.set_edgecolor("face")  # no hairlines between the levels
    panels[2].contour(x, y, np.exp(moons_log_density(points)), [EDGE], colors="white", linestyles="--", linewidths=0.8)
    figure.colorbar(drawn, ax=panels[2], shrink=0.75, ticks=[0, 0.1, 0.3, 0.6])
    for ax, title in zip(panels, ["held-out points", "samples of the flow", "its density p(x)"], strict=True):
        ax.set(title=title, xlabel="x₁", xlim=BOX[0], ylim=BOX[1], yticks=[-1, 0, 1])
    panels[0].set(ylabel="x₂")
    alt = f"""Three panels of the same plane. Left, {SHOWN} held-out points in two crescents that reach into each other,
        one open below, one open above. Middle, {SHOWN} samples of the flow in the same crescents, with a few on a
        bridge between them. Right, the flow's density in colours: bright along the middle of each crescent, dark
        elsewhere. A dashed line around each crescent, where the true density is {EDGE}, follows the edge of the
        colours."""
    return Picture(figure, "flow-density", alt)


def grid_lines(points=161):
    """A square grid in the plane of z: 11 lines of constant z₁, 11 of constant z₂, shape (2, 11, points, 2)."""
    along, at = np.meshgrid(np.linspace(-REACH, REACH, points), np.linspace(-REACH, REACH, LINES))
    return np.stack([np.stack([at, along], axis=-1), np.stack([along, at], axis=-1)])


@styled
def flow_grid(flow):
    """A square grid in the plane of z, and where the inverse of the flow takes it."""
    figure, panels = canvas(7.6, 3.4, columns=2, subplot_kw={"aspect": "equal"}, width_ratios=[1, 1.6])
    lines = grid_lines()
    for ax, (upright, level) in zip(panels, [lines[:, :, :: lines.shape[2] - 1], flow.inverse(lines)], strict=True):
        for line in upright:
            ax.plot(*line.T, color=BLUE, linewidth=1)
        for line in level:
            ax.plot(*line.T, "--", color=ORANGE, linewidth=1)
    panels[0].set(title="the plane of z", xlabel="z₁", ylabel="z₂", xticks=[-2, 0, 2], yticks=[-2, 0, 2])
    panels[1].set(title="the plane of x", xlabel="x₁", ylabel="x₂", xticks=[-1, 0, 1, 2], yticks=[-1, 0, 1])
    alt = f"""Left, a square grid from -{REACH} to {REACH}: {LINES} upright lines and {LINES} dashed level ones, evenly
        apart. Right, the same lines in the plane of the points. The square has become a ribbon in the shape of both
        moons: it is stretched along them, pressed together across them, and narrowest where it crosses from one moon
        to the other. No line crosses another of its kind, and nothing is torn."""
    return Picture(figure, "flow-grid", alt)


@styled
def flow_curve(learned, rivals):
    """The mean log-density of batches and of held-out points over the steps, whole and near the end, beside rivals."""
    figure, panels = canvas(7.6, 3.1, columns=2)
    every, steps, held = HELD_EVERY, *np.array(learned.held).T
    blocks = learned.losses[: len(learned.losses) // every * every].reshape(-1, every).mean(axis=1)
    middles = every * (np.arange(len(blocks)) + 0.5)
    best = max(rivals.values())
    for ax in panels:
        ax.plot(middles, -blocks, "--", color=ORANGE, label="batches")
        ax.plot(steps, -held, color=BLUE, label="held-out points")
        for value in rivals.values():
            ax.axhline(value, color=INK, linewidth=0.8, linestyle=":")
        ax.set(xlabel="steps")
    panels[0].set(ylabel="mean log p(x)", title="the whole training")
    panels[1].set(title="its second half", xlim=(steps[-1] / 2, None), ylim=(best - 0.15, best + 0.02))
    for ax, names in zip(panels, [[min(rivals, key=rivals.get)], sorted(rivals, key=rivals.get)[1:]], strict=True):
        for name in names:
            side = {"ha": "left" if ax is panels[1] else "right", "va": "bottom"}
            ax.annotate(
                name, (0.02 if ax is panels[1] else 0.98, rivals[name]), xycoords=("axes fraction", "data"), **side
            )
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    ends = [f"{value:.2f}" for value in (-held[0], -held[-1])]
    alt = f"""Two panels with the mean log-density over the steps of the training, for batches, dashed, and for held-out
        points. Left, both rise from about {ends[0]}, steeply for a hundred steps, then ever more slowly, far above a
        dotted line for the Gaussian. Right, the second half enlarged: the held-out line ends at {ends[1]}, close to the
        dotted line of the kernel estimate and below that of the true density."""
    return Picture(figure, "flow-curve", alt)
