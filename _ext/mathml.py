"""Formulas as MathML, made when the book is built: no script, no request, read aloud by screen readers."""

import re

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

OPENS, STOPS = re.compile(r"[(‘“]+$"), re.compile(r"^[.,:;?!)’”]+")
PRIME = re.compile(r"<msup>(<mi>.</mi>)<mo>([′″])</mo></msup>")  # a font draws primes small and raised already
BAR = ("\N{COMBINING LOW LINE}</mo></mover>", "\N{OVERLINE}</mo></mover>")  # the one stands beside its letter
# Room above a letter, on which its bar would lie.
OVER = re.compile(r"(?<=<mover accent=\"true\">)(<mi>.</mi>)(?=<mo[^>]*>\N{OVERLINE})")
TALL = ("<mo>|</mo><mrow><mrow><mspace/>", '<mo>|</mo><mrow><mrow><mspace width="0.1667em"/>')  # else it touches det
SMALL = re.compile(r"(\b\d[\d.]*e-\d+)")  # a number with a minus, at which a browser would part it
LOG = logging.getLogger(__name__)


def convert(self, node, displaystyle):
    """The node's LaTeX as MathML; a formula that math-core does not know is a warning, which fails the build."""
    latex = standalone(node.astext(), displaystyle, self.config.mathml_macros)
    try:
        converter = LatexToMathML(
            macros=self.config.mathml_macros, annotation=True, fancy_error=False,
            xml_namespace=self.builder.name == "epub",
        )  # fmt: skip
        markup = converter.convert_with_local_state(latex, displaystyle=displaystyle)
    except LatexError as error:
        LOG.warning("formula %r: %s", latex, error, location=node, type="mathml")
        return f"<code>{self.encode(latex)}</code>"
    markup = OVER.sub(r'<mpadded height="0.85em">\1</mpadded>', markup.replace(*BAR)).replace(*TALL)
    markup = PRIME.sub(r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', markup)
    return markup.replace("&ApplyFunction;", "&#x2061;")  # EPUB is XML, which knows no named entities of HTML


def portable(latex, macros):
    r"""The formula less the book's own abbreviations, so that a copy of it works anywhere.

    >>> print(portable(r"\R^n \Re", {"R": r"\mathbb{R}"}))
    \mathbb{R}^n \Re
    """
    for name, meaning in macros.items():
        if "#" not in meaning:
            latex = re.sub(rf"\\{name}(?![A-Za-z])", lambda _, text=meaning: text, latex)
    return latex


def standalone(latex, displayed, macros):
    """The formula as any reader of LaTeX takes it: no macro of ours, and lines of its own aligned."""
    latex = portable(latex.strip(), macros)
    inner = re.sub(r"\\begin\{(\w+)\}.*\\end\{\1\}", "", latex, flags=re.DOTALL)
    return f"\\begin{{aligned}}{latex}\\end{{aligned}}" if displayed and "\\\\" in inner else latex


def inline(self, node):
    self.body.append(f'<span class="math">{convert(self, node, False)}</span>')
    raise nodes.SkipNode


def block(self, node):
    wrapped = node.parent.get("ids") == node["ids"]  # furo's wrapper repeats the ids of what it wraps
    self.body.append('<div class="math">' if wrapped else self.starttag(node, "div", "", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f'<div class="formula">{convert(self, node, True)}</div></div>\n')
    raise nodes.SkipNode


class Unbroken(SphinxPostTransform):
    """Keeps a formula on one line with a stop after it, or a bracket before; browsers break lines there."""

    default_priority = 900
    formats = ("html",)

    def run(self, **options):
        for formula in list(self.document.findall(nodes.math)):
            parent, i = formula.parent, formula.parent.index(formula)
            opened = trimmed(parent, i - 1, OPENS) if i else ""
            closed = trimmed(parent, i + 1, STOPS)
            if opened or closed:
                unbroken = nodes.inline(classes=["unbroken"])
                parent.replace(formula, unbroken)
                unbroken += [nodes.Text(opened), formula, nodes.Text(closed)]


class Whole(SphinxPostTransform):
    """Keeps a number on one line; browsers break lines at the minus of its exponent."""

    default_priority = 900
    formats = ("html",)

    def run(self, **options):
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, nodes.paragraph) and len(parts := list(map(nodes.Text, SMALL.split(text)))) > 1:
                parts[1::2] = [nodes.inline("", "", part, classes=["unbroken"]) for part in parts[1::2]]
                text.parent.replace(text, parts)


def trimmed(parent, i, pattern):
    """What the text at place i has of a pattern, which is taken off it; nothing, if no text is there."""
    text = parent[i] if i < len(parent) and isinstance(parent[i], nodes.Text) else ""
    found = pattern.search(text)
    if found:
        parent[i] = nodes.Text(pattern.sub("", text))
    return found[0] if found else ""


def setup(app):
    app.add_post_transform(Unbroken)
    app.add_post_transform(Whole)
    app.add_config_value("mathml_macros", {}, "env")
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
