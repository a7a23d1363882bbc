"""``{explorer} fig-square-image`` lets the reader move what a figure shows; elsewhere the still figure stands.

Options: ``:map:`` the map at the start, one of `MAPS`; ``:at:`` the point, two numbers; ``:kind: step`` slides the step
h along the curve of the error instead.
"""

from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

KINDS, MAPS = ("map", "step"), ("example", "polar", "elliptic", "shear", "square", "fold")


def point(text):
    """Two numbers, as they are written."""
    x, y = text.split()
    float(x), float(y)
    return f"{x} {y}"


class Explorer(SphinxDirective):
    """Names the figure whose place the web component of `book/_static/explorer.js` takes."""

    required_arguments = 1
    option_spec = {  # noqa: RUF012  (docutils names it)
        "map": lambda text: directives.choice(text, MAPS),
        "kind": lambda text: directives.choice(text, KINDS),
        "at": point,
    }

    def run(self):
        attributes = {"figure": nodes.make_id(self.arguments[0]), **self.options}
        words = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
        return [nodes.raw("", f"<jacobian-explorer {words}></jacobian-explorer>", format="html")]


def setup(app):
    app.add_directive("explorer", Explorer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
