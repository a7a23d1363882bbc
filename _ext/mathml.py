"""Formulas as MathML, made when the book is built: no script, no request, read aloud by screen readers."""

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

LOG = logging.getLogger(__name__)


def convert(self, node, displaystyle):
    """The node's LaTeX as MathML; a formula that math-core does not know is a warning, which fails the build."""
    latex = node.astext().strip()
    if displaystyle and "\\\\" in latex and not latex.startswith("\\begin{"):
        latex = f"\\begin{{aligned}}{latex}\\end{{aligned}}"
    try:
        converter = LatexToMathML(
            macros=self.config.mathml_macros, annotation=True, fancy_error=False,
            xml_namespace=self.builder.name == "epub",
        )  # fmt: skip
        # EPUB is XML, which knows no named entities of HTML.
        return converter.convert_with_local_state(latex, displaystyle=displaystyle).replace(
            "&ApplyFunction;", "&#x2061;"
        )
    except LatexError as error:
        LOG.warning("formula %r: %s", latex, error, location=node, type="mathml")
        return f"<code>{self.encode(latex)}</code>"


def inline(self, node):
    self.body.append(f'<span class="math">{convert(self, node, False)}</span>')
    raise nodes.SkipNode


def block(self, node):
    self.body.append(self.starttag(node, "div", "", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f'<div class="formula">{convert(self, node, True)}</div></div>\n')
    raise nodes.SkipNode


def setup(app):
    app.add_config_value("mathml_macros", {}, "env")
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
