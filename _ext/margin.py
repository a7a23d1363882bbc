"""``{margin}`` after a paragraph is an aside to it: in the margin beside it where there is room, else under it."""

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOG = logging.getLogger(__name__)


class margin(nodes.General, nodes.Element):  # noqa: N801  (docutils names nodes so)
    """An aside."""


class Margin(SphinxDirective):
    """The words of an aside; it stands after the paragraph it belongs to."""

    has_content = True

    def run(self):
        self.assert_has_content()
        node = margin("", *self.parse_content_to_nodes(), classes=["margin"])
        self.set_source_info(node)
        return [node]


class Beside(SphinxTransform):
    """Ties each aside to its paragraph: in print it begins at the first line, on the page both share a box."""

    default_priority = 800

    def apply(self):
        for note in list(self.document.findall(margin)):
            place, parent = note.parent.index(note), note.parent
            paragraph = parent[place - 1] if place else None
            if not isinstance(paragraph, nodes.paragraph):
                LOG.warning("{margin} must follow a paragraph", location=note, type="margin")
                continue
            parent[place - 1 : place + 1] = [nodes.container("", paragraph, note, classes=["noted"])]


def visit(self, node):
    kind = ' epub:type="sidebar"' if self.builder.name == "epub" else ""
    self.body.append(f'<aside class="margin" role="note"{kind}>')


def depart(self, node):
    self.body.append("</aside>\n")


def visit_latex(self, node):
    self.body.append("\\aside{")


def depart_latex(self, node):
    self.body.append("}")


def first(app, doctree, docname):
    """In print the aside stands before the words it belongs to, so that its first line is beside theirs."""
    if app.builder.format == "latex":
        for note in list(doctree.findall(margin)):
            note.parent.insert(0, note.parent.pop(note.parent.index(note)))


def setup(app):
    app.add_node(margin, html=(visit, depart), latex=(visit_latex, depart_latex))
    app.add_directive("margin", Margin)
    app.add_transform(Beside)
    app.connect("doctree-resolved", first)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
