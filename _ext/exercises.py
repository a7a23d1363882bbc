"""``{exercise} vjp-1 A short title`` sets a task in a chapter; its solution is the section ``(solution-vjp-1)=``.

Each leads to the other, and one without the other fails the build. A solution's code is at the top level of its page,
or it would not run; so what follows its heading is folded, in the site alone, when the page is written.
"""

import re
from html import escape

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOG = logging.getLogger(__name__)


def link(kind, label, words, docname):
    """A quiet line that leads to the exercise, or to the solution, of a label."""
    to = addnodes.pending_xref("", refdomain="std", reftype="ref", reftarget=f"{kind}-{label}", refexplicit=True,
                               refdoc=docname)  # fmt: skip
    to += nodes.inline("", words)
    return nodes.paragraph("", "", to, classes=[f"to-{kind}"])


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
        node = exercise("", nodes.title("", "", nodes.Text(f"Exercise {number}. "), *words))
        node += self.parse_content_to_nodes()
        node += link("solution", label, "Solution", self.env.docname)
        self.set_source_info(node)
        node["ids"] = [f"exercise-{label}"]
        std = self.env.get_domain("std")
        std.note_hyperlink_target(node["ids"][0], self.env.docname, node["ids"][0], f"Exercise {number}")
        return [node]


def solutions(document):
    """Yield each section that is a solution, and the label of its exercise."""
    for section in document.findall(nodes.section):
        for name in section["names"]:
            if found := re.fullmatch(r"solution-(\w+-\d+)", name):
                yield section, found[1]


class Back(SphinxTransform):
    """Lead from each solution to its exercise."""

    default_priority = 300  # when sections have the names that were put before them

    def apply(self):
        for section, label in solutions(self.document):
            number = label.rpartition("-")[2]
            section.insert(1, link("exercise", label, f"To exercise {number}", self.env.docname))


class Fold(SphinxPostTransform):
    """Fold each solution, but for its heading and the way back."""

    default_priority = 900
    builders = ("html",)

    def run(self):
        for section, label in solutions(self.document):
            whose = f"of exercise {label.rpartition('-')[2]}, {escape(section[0].astext())}"
            opened = f'<details class="solution"><summary>Solution <span>{whose}</span></summary>'
            section.insert(2, nodes.raw("", opened, format="html"))
            section += nodes.raw("", "</details>", format="html")


def check(app, env):
    """Warn of each exercise without a solution, and of each solution without an exercise."""
    labels = env.get_domain("std").labels
    for kind, other in [("exercise", "solution"), ("solution", "exercise")]:
        for name, (docname, *_) in sorted(labels.items()):
            if re.fullmatch(rf"{kind}-\w+-\d+", name) and name.replace(kind, other, 1) not in labels:
                LOG.warning("%s has no %s", name, other, location=docname, type="exercise")


def visit(self, node):
    self.body.append(self.starttag(node, "div", CLASS="admonition exercise"))


def depart(self, node):
    self.body.append("</div>\n")


def visit_latex(self, node):
    self.body.append(f"\n\\begin{{exercise}}{{\\phantomsection{self.hypertarget_to(node)}}}")


def depart_latex(self, node):
    self.body.append("\\end{exercise}\n")


def setup(app):
    app.add_node(exercise, html=(visit, depart), latex=(visit_latex, depart_latex))
    app.add_directive("exercise", Exercise)
    app.add_transform(Back)
    app.add_post_transform(Fold)
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
