"""A cell tagged ``folded`` shows its output when the reader opens it: on the site alone, and never in print.

The words to open it by name what is inside: the problems, in bold, of the tables.
"""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class Folded(SphinxPostTransform):
    """Puts the output of such cells into an element that opens."""

    default_priority = 900
    builders = ("html",)

    def run(self):
        for cell in list(self.document.findall(is_folded)):
            for output in cell.children:
                if "cell_output" in output["classes"]:
                    names = [node.astext() for node in output.findall(nodes.strong)]
                    tables = f"{len(names)} table{'s' * (len(names) != 1)}"
                    start = f'<details class="folded"><summary>{tables}: {self.listed(names)}</summary>'
                    output.insert(0, nodes.raw("", start, format="html"))
                    output += nodes.raw("", "</details>", format="html")

    @staticmethod
    def listed(names):
        """The names in one line, safe in HTML."""
        return nodes.unescape("; ".join(names)).replace("&", "&amp;").replace("<", "&lt;")


def is_folded(node):
    return isinstance(node, nodes.container) and "tag_folded" in node["classes"]


def setup(app):
    app.add_post_transform(Folded)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
