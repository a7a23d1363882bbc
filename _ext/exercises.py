"""``{exercise} vjp-1 A short title`` sets a task in a chapter, numbered within it; it leads to its solution.

The solution is the section ``(solution-vjp-1)=`` (`_ext.solutions`); ``{ref}`exercise-vjp-1` `` leads to the exercise.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective


class exercise(nodes.Admonition, nodes.Element):  # noqa: N801  (docutils names nodes so)
    """The box of an exercise; its first child is its title."""


class Exercise(SphinxDirective):
    """A box with its number, its title, the task, and a link to the solution."""

    required_arguments = 2
    final_argument_whitespace = has_content = True

    def run(self):
        label, title = self.arguments
        number = self.env.new_serialno("exercise") + 1
        if label != f"{self.env.docname}-{number}":
            raise self.error(f"exercise {number} of this page must be {self.env.docname}-{number}; got {label}")
        self.assert_has_content()
        words, _ = self.parse_inline(title)
        node = exercise("", nodes.title("", "", nodes.Text(f"Exercise {number}. "), *words), ids=[f"exercise-{label}"])
        node += self.parse_content_to_nodes()
        node += link("solution", label, "Solution", self.env.docname)
        self.set_source_info(node)
        std = self.env.get_domain("std")
        std.note_hyperlink_target(node["ids"][0], self.env.docname, node["ids"][0], f"Exercise {number}")
        return [node]


def link(kind, label, words, docname):
    """A quiet line that leads to the exercise, or to the solution, of a label."""
    names = {"refdomain": "std", "reftype": "ref", "reftarget": f"{kind}-{label}", "refexplicit": True}
    to = addnodes.pending_xref("", nodes.inline("", words), refdoc=docname, **names)
    return nodes.paragraph("", "", to, classes=[f"to-{kind}"])


def visit(self, node):
    self.body.append(self.starttag(node, "div", CLASS="admonition exercise"))


def depart(self, node):
    self.body.append("</div>\n")


def at_the_end(app, doctree, docname):
    """In print the link to the solution ends the last line of the task."""
    if app.builder.format == "latex":
        for node in doctree.findall(exercise):
            if isinstance(node[-2], nodes.paragraph):
                begin, end = (nodes.raw("", tex, format="latex") for tex in ("\\solved{", "}"))
                node[-2].extend([begin, *node.pop(-1).children, end])


def visit_latex(self, node):
    self.body.append(f"\n\\begin{{exercise}}{{\\phantomsection{self.hypertarget_to(node)}}}")


def depart_latex(self, node):
    self.body.append("\\end{exercise}\n")


def setup(app):
    app.add_node(exercise, html=(visit, depart), latex=(visit_latex, depart_latex))
    app.connect("doctree-resolved", at_the_end)
    app.add_directive("exercise", Exercise)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
