"""``{explorer} fig-square-image`` lets the reader move what a figure shows; elsewhere the still figure stands.

In print and in the EPUB it says where that is: the address where `html_baseurl` has one, else the page of the site.

Options: ``:map:`` the map at the start, one of `MAPS`; ``:at:`` the point, two numbers; ``:kind: step`` slides the step
h along the curve of the error instead.
"""

import re
from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import texescape
from sphinx.util.docutils import SphinxDirective

KINDS, MAPS = ("map", "step"), ("example", "polar", "elliptic", "shear", "square", "fold")


def point(text):
    """Two numbers, as they are written."""
    x, y = text.split()
    float(x), float(y)
    return f"{x} {y}"


class explorer(nodes.General, nodes.Element):  # noqa: N801  (docutils names nodes so)
    """The place of an explorer, after its figure."""


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
        return [explorer("", attributes=attributes, page=self.env.docname)]


def live(node, config):
    """What leads to the live figure: words, the address or nothing, and how it is written."""
    if not config.html_baseurl:
        return "On the site this figure can be dragged:", "", f"{node['page']}.html"
    address = f"{config.html_baseurl.rstrip('/')}/{node['page']}.html#{node['attributes']['figure']}"
    return "Live:", address, address


def visit(self, node):
    """On the site the web component, in the EPUB a line of words."""
    if self.builder.name == "epub":
        words, address, shown = map(escape, live(node, self.config))
        self.body.append(f'<p class="live">{words} {f"""<a href="{address}">{shown}</a>""" if address else shown}</p>')
    else:
        words = " ".join(f'{name}="{escape(value)}"' for name, value in node["attributes"].items())
        self.body.append(f"<jacobian-explorer {words}></jacobian-explorer>")


def skip(self, node):
    """Other editions say nothing here."""


def under_its_caption(app, doctree, docname):
    """In print the words end the caption of the figure, in the margin."""
    if app.builder.format == "latex":
        for node in list(doctree.findall(explorer)):
            words, address, shown = live(node, app.config)
            target = re.sub(r"[#%&]", r"\\\g<0>", address)
            broken = re.sub(r"[/.]", r"\g<0>\\allowbreak ", texescape.escape(shown, app.config.latex_engine))
            line = rf"\live{{{words}}}{{{target}}}{{{broken}}}"
            for figure in doctree.findall(nodes.figure):
                if node["attributes"]["figure"] in figure["ids"]:
                    figure.next_node(nodes.caption).append(nodes.raw("", line, format="latex"))
            node.parent.remove(node)


def setup(app):
    app.add_node(explorer, html=(visit, skip), latex=(skip, skip), text=(skip, skip))
    app.connect("doctree-resolved", under_its_caption)
    app.add_directive("explorer", Explorer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
