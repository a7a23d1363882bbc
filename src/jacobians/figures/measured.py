"""Figures of book/measured.md."""

import numpy as np

from jacobians import measured
from jacobians.figures.picture import BLUE, INK, ORANGE, Picture, canvas, styled

MARKS = "osD^v<>pPX*dhH"


def peers(runs):
    """(peer, stem, time over that of the fastest of ours), one for each problem in which both were timed."""
    for stem, run in runs.items():
        for problem in run["problems"]:
            ours = measured.fastest(problem)
            for one in problem["contenders"]:
                if one["role"] == "peer" and ours in one.get("over", {}):
                    yield one["label"], stem, one["over"][ours][1]


@styled
def peer_ratios(runs=None):
    """The time of each peer over that of the fastest of ours, a row a peer and a mark a problem."""
    points = list(peers(measured.read() if runs is None else runs))
    names = {label for label, _, _ in points}
    middle = {name: np.median([ratio for label, _, ratio in points if label == name]) for name in names}
    rows = {name: row for row, name in enumerate(sorted(names, key=lambda name: (middle[name], name)))}
    figure, ax = canvas(7.2, 1.3 + 0.15 * len(rows))
    stems = list(dict.fromkeys(stem for _, stem, _ in points))
    for k, (stem, mark) in enumerate(zip(stems, MARKS[: len(stems)], strict=True)):
        ratios = zip(*[(ratio, rows[label]) for label, of, ratio in points if of == stem], strict=True)
        colour = [BLUE, ORANGE][k % 2]
        ax.plot(*ratios, mark, color=colour, label=stem, markersize=5, markerfacecolor="none")
    ax.axvline(1, color=INK, linewidth=1)
    ax.set(xscale="log", xlabel="time over that of the fastest of ours", yticks=list(rows.values()))
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_yticklabels(rows)
    ax.grid(axis="y", linewidth=0.3)
    figure.legend(loc="outside lower center", ncols=5)
    ahead = sum(ratio < 1 for _, _, ratio in points)
    alt = f"""A chart with {len(rows)} rows, one a peer, and a logarithmic axis of the peer's time over that of the
        fastest of ours. Each of the {len(points)} marks is a problem, its shape the chapter. A vertical line stands
        at 1: {ahead} marks lie left of it, where the peer is faster, and {len(points) - ahead} right of it or on it."""
    return Picture(figure, "peer-ratios", alt)
