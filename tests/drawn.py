"""What each figure draws, as its artists tell it: ``python -m tests.drawn`` keeps it in tests/drawn.txt.

A line for each artist, indented below the one that it stands in: its kind, and what it answers. Many numbers are told
by how many they are, the smallest, the largest, their mean and one with weights, so that none changes unseen. What is
usual in this book is left out, and nothing is asked that the layout decides.
"""

import re
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch
from matplotlib.path import Path as Outline
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Affine2DBase

from _ext.results import NUMBER

FILE = Path(__file__).with_suffix(".txt")
HEAD = "# What each figure draws; made by `python -m tests.drawn`, compared by tests/test_figures.py.\n"
WRITTEN = "text xy position color fontsize fontstyle fontweight ha va rotation"
ASKED = {
    Figure: "size_inches",
    Axes: "subplotspec xlim ylim xscale yscale aspect axison spines",
    Axis: "ticklocs ticks tick_params visible",
    Annotation: f"{WRITTEN} xycoords anncoords",
    Text: WRITTEN,
    Line2D: "xydata color linestyle linewidth marker markersize markerfacecolor alpha label",
    Legend: "loc ncols frame_on",
    AxesImage: "array clim cmap interpolation extent",
    FancyArrowPatch: "arrowstyle shrinkA shrinkB edgecolor linewidth",
    FancyBboxPatch: "",  # the frame of a legend
    Patch: "path patch_transform facecolor edgecolor linestyle linewidth hatch alpha label",
    Collection: "paths offsets array clim cmap facecolor edgecolor linewidth alpha label",
    object: "",
}
USUAL = {
    *("color '#000000'", "fontstyle 'normal'", "fontweight 'normal'", "ha 'center'", "va 'baseline'", "rotation 0"),
    *(
        "position 0 0",
        "position 0.5 0",
        "position 0 0.5",
        "position 0.5 1",
        "xycoords 'data'",
        "ncols 1",
        "visible True",
    ),
    *("xscale 'linear'", "yscale 'linear'", "aspect 'auto'", "axison True", "frame_on False", "offsets 0 0"),
    *("linestyle '-'", "linestyle 'solid'", "linewidth 1.6", "marker 'None'", "markersize 6", "clim 0 0", "facecolor "),
    *("tick_params bottom True labelbottom True", "tick_params labelleft True left True", "spines 'left' 'bottom'"),
    *("patch_transform 1 0 0 0 1 0 0 0 1", "edgecolor ", "edgecolor 0 0 0 1"),
}


def kept():
    """What the file holds: the name of each figure -> its lines."""
    _, *parts = FILE.read_text(encoding="utf-8").split("\n## ")
    return {name: lines for name, *lines in (part.rstrip("\n").split("\n") for part in parts)}


def same(want, got):
    """True for two lines of the same words and, to four digits, the same numbers; of rounding errors, the same size."""
    wanted, given = NUMBER.split(want), NUMBER.split(got)
    if wanted[::2] != given[::2]:
        return False
    w, g = (np.array(line[1::2], float) for line in (wanted, given))
    small = (np.sign(w) == np.sign(g)) & (abs(w) < 1e-7) & (abs(w) < 10 * abs(g)) & (abs(g) < 10 * abs(w))
    return bool((small | np.isclose(g, w, rtol=1e-4, atol=0)).all())


def told(picture):
    """What a figure's words and artists answer, a line each, but for what is usual."""
    lines = [f"{picture.name}: {picture.alt}"]

    def tell(artist, depth):
        if isinstance(artist, Text) and not artist.get_text():
            return
        asked = next(names for kind, names in ASKED.items() if isinstance(artist, kind)).split()
        answers = [f"{name} {plain(answer(artist, name))}" for name in asked]
        odd = [text for text in answers if text not in USUAL and not re.search(r" (None|''|)$|^label '_child", text)]
        if odd:
            lines.append("  " * depth + "; ".join([type(artist).__name__, *odd]))
        for below in inside(artist):
            tell(below, depth + bool(odd))

    tell(picture.figure, 0)
    return lines


def inside(artist):
    """The artists that stand in one; ticks and spines are told by what they stand in, all at once."""
    if isinstance(artist, Axis):
        return [artist.label]
    ground, arrow = getattr(artist, "patch", None), getattr(artist, "arrow_patch", None)
    below = [one for one in artist.get_children() if one is not ground and not isinstance(one, Spine)]
    return [*below, arrow] if arrow else below


def answer(artist, name):
    """What an artist answers, by its method, its attribute, or worked out here."""
    match name:
        case "ticks":
            return artist.get_major_formatter().format_ticks(artist.get_ticklocs())
        case "tick_params":
            return {name: value for name, value in artist.get_tick_params().items() if value is not False}
        case "spines":
            return [name for name, spine in artist.spines.items() if spine.get_visible()]
    ask = getattr(artist, f"get_{name}", None)
    return ask() if ask else getattr(artist, name, None) or getattr(artist, f"_{name}", None)


def plain(value):
    """An answer in short."""
    match value:
        case dict():
            return " ".join(f"{name} {plain(one)}" for name, one in sorted(value.items()))
        case SubplotSpec():
            places = [at for span in (value.rowspan, value.colspan) for at in (span.start, span.stop)]
            grid = value.get_gridspec()
            return f"{plain(places)} of {plain(grid.get_height_ratios())} by {plain(grid.get_width_ratios())}"
        case Affine2DBase():
            return plain(value.get_matrix())
        case Outline():
            return plain(value.vertices)
        case [Outline(), *_]:
            return f"{len(value)} of {plain(np.vstack([path.vertices for path in value]))}"
        case [str(), *_]:
            return " ".join(map(repr, value))
        case str() | bool() | None:
            return repr(value)
    try:
        numbers = np.ma.filled(np.ma.asarray(value, float), 0.0)
    except (TypeError, ValueError):
        return getattr(value, "name", None) or type(value).__name__
    if numbers.ndim == 2 and numbers.shape[1] == 2:
        return ", ".join(map(plain, numbers.T))
    numbers = np.where(np.abs(numbers) > 1e-9 * np.abs(numbers).max(initial=0), numbers, 0).ravel()
    if numbers.size > 9:
        weighted = np.sin(1 + np.arange(numbers.size)) * numbers
        return f"{numbers.size}: {plain([numbers.min(), numbers.max(), numbers.mean(), weighted.mean()])}"
    return " ".join(f"{number:.6g}" for number in numbers)


if __name__ == "__main__":
    from tests.test_figures import DRAWN

    parts = ["\n".join([f"\n## {name}", *told(draw())]) for name, draw in DRAWN.items()]
    FILE.write_text(HEAD + "\n".join(parts) + "\n", encoding="utf-8")
