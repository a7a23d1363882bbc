"""A drawn figure, in each form that an edition of the book needs."""

import base64
import io
import pickle
import re
from html import escape
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.transforms import Bbox

from jacobians.figures.slim import slim

INK = "#000000"  # becomes the colour of the text around the figure
BLUE, ORANGE = "#3b7dc4", "#d0661b"  # at least 3:1 on white and on furo's dark ground; apart in grey by line style
STYLE = {
    "axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10, "axes.labelsize": 10,
    "font.size": 9, "legend.frameon": False, "lines.linewidth": 1.6, "figure.constrained_layout.use": True,
    "mathtext.cal": "sans", "svg.fonttype": "path", "svg.hashsalt": "jacobians", "pdf.fonttype": 42,
    "axes.prop_cycle": mpl.cycler(color=[BLUE, ORANGE]),
}  # fmt: skip
# In print: the serif of the text, and a width of 6/7, which the measure scales to 130 mm and the letters to 8 points.
SERIF, NARROWER, MARGIN = "Figure Serif", 6 / 7, 0.02  # inches
PRINT = {
    "font.sans-serif": [SERIF], "mathtext.fontset": "custom", "mathtext.rm": SERIF, "mathtext.it": SERIF,
    "mathtext.bf": SERIF, "mathtext.bfit": SERIF, "mathtext.fallback": "stix",
}  # fmt: skip
fontManager.addfont(Path(__file__).parent / "fonts/figure-serif.ttf")
styled = mpl.rc_context(STYLE)  # a decorator: the figure is drawn in the book's style, the reader's own stays


def canvas(width=7.0, height=3.4, columns=1, **axes):
    """A figure without pyplot's global state, and its axes side by side."""
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(1, columns, **axes)


def arrow(axes, start, end, color=INK):
    """Draw a vector from one point to another."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0})


def drawn(figure):
    """The box of a figure that is printed, in inches: all its width, and no more height than is drawn on."""
    figure.draw_without_rendering()
    box = figure.get_tightbbox()
    return Bbox([[0, box.y0 - MARGIN], [figure.get_figwidth(), box.y1 + MARGIN]])


class Picture:
    """A Matplotlib figure with the text that stands for it where it cannot be seen.

    MyST-NB takes inline SVG for HTML and EPUB (its ink follows the page's colour), PDF for LaTeX, and the text for
    builders of text.
    """

    def __init__(self, figure, name, alt):
        self.figure, self.name, self.alt = figure, name, " ".join(alt.split())

    def __repr__(self):
        return self.alt

    @styled
    def save(self, form, **options):
        """The bytes of the figure as svg, pdf or png, the same for the same drawing."""
        undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[form]
        with io.BytesIO() as file, mpl.rc_context(PRINT if form == "pdf" else {}):
            figure = self.printed() if form == "pdf" else self.figure
            if form == "pdf":
                options["bbox_inches"] = drawn(figure)
            figure.savefig(file, format=form, metadata=undated, transparent=form != "png", **options)
            return file.getvalue()

    def printed(self):
        """A copy of the figure, as narrow as the printed page wants it."""
        figure = pickle.loads(pickle.dumps(self.figure))
        figure.set_figwidth(NARROWER * figure.get_figwidth())
        figure.set_layout_engine("compressed")  # no gap where panels keep their shape
        return figure

    def svg(self):
        """The figure as an element of a page: named, sized by its column, its ids its own, its ink the text's."""
        svg = self.save("svg").decode()
        svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
        svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
        svg = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{self.name}-", svg)
        svg = slim(re.sub(r'( width| height)="[\d.]+pt"', "", svg, count=2))
        return svg.replace(
            "<svg", f'<svg class="figure" role="img" aria-label="{escape(self.alt)}" fill="currentColor"', 1
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/html": self.svg(),
            "application/pdf": base64.b64encode(self.save("pdf")).decode(),
            "image/png": base64.b64encode(self.save("png", dpi=100)).decode(),
            "text/plain": self.alt,
        }
