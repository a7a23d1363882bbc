"""Figures of book/layers.md."""

import numpy as np

from jacobians import layers
from jacobians.figures.picture import BLUE, INK, ORANGE, Picture, canvas, styled
from jacobians.layers.elementwise import RULES

LINES = {"relu": "-", "leaky_relu": "--", "tanh": "-.", "sigmoid": ":", "softplus": (0, (5, 1, 1, 1, 1, 1))}


@styled
def layer_slopes():
    """The values of the elementwise layers, and beside them their slopes, the diagonals of their Jacobians."""
    figure, (values, slopes) = canvas(columns=2)
    x = np.linspace(-4, 4, 401)
    for i, name in enumerate(RULES):
        layer, options = layers.LAYERS[name], {"a": 0.1} if name == "leaky_relu" else {}
        look = {"linestyle": LINES[name], "color": [BLUE, ORANGE, INK, BLUE, ORANGE][i], "label": name}
        values.plot(x, layer.forward(x, **options), **look)
        slopes.plot(x, layer.jvp(x, np.ones_like(x), **options), **look)
    values.set(title="value", xlabel="x", ylim=(-1.2, 3))
    slopes.set(title="slope: one entry of the diagonal", xlabel="x", ylim=(-0.1, 1.2))
    figure.legend(*values.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    alt = """Two panels over x from -4 to 4 with a line for each of five layers. Left, their values: ReLU and leaky ReLU
        bend at 0, tanh and sigmoid level off on both sides, softplus rounds the corner of ReLU. Right, their slopes:
        ReLU's jumps from 0 to 1 at 0 and leaky ReLU's from 0.1 to 1; those of tanh and sigmoid are bells, of height 1
        and 0.25; softplus's climbs smoothly from 0 to 1 and is the sigmoid of the left panel."""
    return Picture(figure, "layer-slopes", alt)


@styled
def layer_jacobians(seed=7):
    """The Jacobian matrices by x of five layers, entry by entry, each scaled to its largest."""
    rng = np.random.default_rng(seed)
    x, n = rng.standard_normal(12), 12
    kernel = np.array([[[1.0, 2.0, -1.5]]])
    matrices = {
        "tanh": layers.tanh.jacobian(x),
        "softmax": layers.softmax.jacobian(1.5 * x),
        "layer_norm": layers.layer_norm.jacobian(x, np.ones(n), np.zeros(n), wrt="x"),
        "dense": layers.dense.jacobian(x, rng.standard_normal((8, n)), np.zeros(8), wrt="x"),
        "conv1d": layers.conv1d.jacobian(x[None], kernel, np.zeros(1), wrt="x")[0, :, 0, :],
    }
    widths = [J.shape[1] / J.shape[0] for J in matrices.values()]  # so that all are drawn as high
    figure, panels = canvas(8.0, 1.8, columns=len(matrices), width_ratios=widths, gridspec_kw={"wspace": 0.15})
    figure.set_layout_engine("compressed")
    for ax, (name, J) in zip(panels, matrices.items(), strict=True):
        drawn = ax.imshow(J / np.abs(J).max(), cmap="PuOr_r", vmin=-1, vmax=1)
        ax.set(title=name, xticks=[], yticks=[], xlabel=f"{J.shape[0]} × {J.shape[1]}")
    figure.colorbar(drawn, ax=panels, label="entry / largest", shrink=1)
    alt = """Five matrices as coloured squares, white for zero. tanh: only the diagonal is coloured. softmax: a positive
        diagonal over a faint negative grid of rows and columns, strongest where the probabilities are. layer_norm: a
        positive diagonal over a full, weak background of both signs. dense: 8 rows and 12 columns, full, without
        pattern. conv1d: 10 rows and 12 columns, white but for a band of three that moves right by one a row."""
    return Picture(figure, "layer-jacobians", alt)
