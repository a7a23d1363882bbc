r"""What Sphinx's LaTeX leaves out of a printed book: alt texts, the pages of references, what belongs on one page.

The design itself is `jacobians.sty`, which defines what is written here: ``\withalt``, ``\onpage``, ``\keeplines``,
``works`` and the class ``wide``.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.latex import LaTeXTranslator

TOGETHER = 24  # lines of code and output that are not parted
ALPHABETICAL = ("bibliography:", "glossary:")
WIDE = 5  # columns of a table that takes the margin too


class Translator(LaTeXTranslator):
    """The writer of Sphinx, and what it leaves out."""

    def visit_image(self, node):
        start = len(self.body)
        super().visit_image(node)
        if node.get("alt") and len(self.body) > start:
            self.body[start:] = [rf"\withalt{{{self.escape(node['alt'])}}}{{", *self.body[start:], "}"]

    def visit_container(self, node):
        if "cell" in node["classes"]:
            self._keep_lines(node)
        super().visit_container(node)

    def visit_captioned_literal_block(self, node):
        self._keep_lines(node)

    def visit_literal_block(self, node):
        if not isinstance(node.parent, nodes.container):
            self._keep_lines(node)
        super().visit_literal_block(node)

    def _keep_lines(self, node):
        lines = [len(block.astext().splitlines()) for block in node.findall(nodes.literal_block)]
        if 0 < sum(lines) <= TOGETHER:
            self.body.append(f"\n\\keeplines{{{sum(lines) + 2 * len(lines)}}}\n")  # two for the space around each

    def visit_index(self, node):
        start = len(self.body)
        try:
            super().visit_index(node)
        finally:  # in an argument TeX writes the command otherwise than elsewhere, and one entry becomes two
            self.body[start:] = [part.replace(r"\sphinxhyphen{}", "-") for part in self.body[start:]]

    def visit_math(self, node):
        small = r"\\bigl[\\begin{smallmatrix}\1\\end{smallmatrix}\\bigr]"  # within a line
        formula = re.sub(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", small, node.astext(), flags=re.DOTALL)
        tail = r"\mkern1.5mu " if formula.startswith("f") else ""  # that of an f reaches over the space before it
        super().visit_math(nodes.math("", tail + formula))

    def visit_abbreviation(self, node):
        super().visit_abbreviation(nodes.abbreviation("", node.astext()))  # what it stands for would open a bracket

    def visit_bullet_list(self, node):
        self.body.append("\\begin{works}\n") if "works" in node["classes"] else super().visit_bullet_list(node)

    def depart_bullet_list(self, node):
        self.body.append("\\end{works}\n") if "works" in node["classes"] else super().depart_bullet_list(node)

    def depart_paragraph(self, node):
        super().depart_paragraph(node)
        after = node.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.table) or [type(child) for child in node] == [nodes.strong]:  # it is as a heading
            self.body.append("\n\\par\\nobreak\n")

    def visit_table(self, node):
        node["align"] = node.get("align", "left")
        if len(list(node.findall(nodes.colspec))) >= WIDE:
            self.body.append("\n\\begin{sphinxuseclass}{wide}")
        super().visit_table(node)

    def depart_table(self, node):
        super().depart_table(node)
        if len(list(node.findall(nodes.colspec))) >= WIDE:
            self.body.append("\n\\end{sphinxuseclass}\n")

    def depart_reference(self, node):
        super().depart_reference(node)
        uri = f"%{self.curfilestack[-1]}#{node['refid']}" if node.get("refid") else node.get("refuri", "")
        page, _, target = uri[1:].partition("#")
        if uri.startswith("%") and not self.in_caption:
            self._on_page(node, f"{page}:{target or ':doc'}", "(", ")")
        elif uri.startswith("%"):
            self._on_page(node, f"{page}:{target}")

    def visit_number_reference(self, node):
        uri = node["refuri"][1:] if node.get("refuri") else f"{self.curfilestack[-1]}#{node['refid']}"
        try:
            super().visit_number_reference(node)
        finally:
            self._on_page(node, uri.replace("#", ":"), "on ")

    def visit_math_reference(self, node):
        super().visit_math_reference(node)
        self._on_page(node, f"equation:{node['docname']}:{node['target']}", "on ")

    def _on_page(self, node, target, before="", after=""):
        """Say the page of a target: not in a heading, nor in a table, whose columns are measured several times.

        A term and a citation have a page of the alphabet to be found on.
        """
        if self.in_title or self.table or target.startswith(ALPHABETICAL):
            return
        siblings = node.parent.children
        said = "".join(child.astext() for child in siblings[: siblings.index(node)])
        if before == "(" and said.count("(") > said.count(")"):
            before = after = ""
        lead = " " if before else ", "
        self.body.append(rf"\onpage{{{lead}{before}}}{{{self.idescape(target)}}}{{{after}}}")


class Alt(SphinxPostTransform):
    """Give each figure the text that stands in its bundle for where it cannot be seen."""

    default_priority = 3  # before MyST-NB chooses among the forms of an output
    formats = ("latex",)

    def run(self):
        for bundle in self.document.findall(_is_bundle):
            texts = [part.astext() for part in bundle if part.get("mime_type") == "text/plain"]
            for image in bundle.findall(nodes.image):
                image["alt"] = " ".join(" ".join(texts).split())


def _is_bundle(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def setup(app):
    app.set_translator("latex", Translator)
    app.add_post_transform(Alt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
