"""Formulas as MathML, made when the book is built: no script, no request, read aloud by screen readers."""

import re

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

STOPS = re.compile(r"[.,:;?!)’”]+")
PRIME = re.compile(r"<msup>(<mi>.</mi>)<mo>([′″])</mo></msup>")  # a font draws primes small and raised already
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
    """Keeps a formula and the stop after it on one line: a browser breaks lines on both sides of MathML."""

    default_priority = 900
    formats = ("html",)

    def run(self, **options):
        for formula in list(self.document.findall(nodes.math)):
            after = formula.next_node(nodes.Text, descend=False, siblings=True)
            stops = STOPS.match(after) if after else None
            if stops and after is formula.next_node(descend=False, siblings=True):
                after.parent.replace(after, nodes.Text(after[stops.end() :]))
                unbroken = nodes.inline(classes=["unbroken"])
                formula.replace_self(unbroken)
                unbroken += [formula, nodes.Text(stops[0])]


def setup(app):
    app.add_post_transform(Unbroken)
    app.add_config_value("mathml_macros", {}, "env")
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
