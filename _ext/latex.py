r"""What Sphinx's LaTeX leaves out of a printed book: alt texts, the pages of references, what belongs on one page.

The design itself is `jacobians.sty`, which defines what is written here: ``\withalt``, ``\onpage``, ``\keeplines``,
``works`` and the class ``wide``.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.latex import LaTeXTranslator

from .exercises import exercise

TOGETHER = 16  # lines of code that are not parted
CELL = 24  # and with output, which stands under its input on the same page
BEGUN = 7  # the first four lines of what may be parted, the space around them, and the word that it goes on
SHORT = 5  # letters that are no last line
ALPHABETICAL = ("bibliography:", "glossary:")
HEADING = 5  # lines of code that its space would take
LEADING, MEASURE = 10.4, 370  # points: a line of code, the width of the text
MOST, PAGE = 40, 61  # lines that are held free for a table, and for figures
SIZE = re.compile(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]")
SMALL = 85  # letters on a line of the reference, and of an exercise
WHOLE = 24  # letters of code in a sentence that are not parted
WIDE = 5  # columns of a table that takes the margin too
LONG = 16  # rows of a table that may be parted
LETTERS = 70  # of a row that takes more than a line
NAME = 12  # of a name that a column must be wide enough for
LINE, BROAD = 72, 100  # letters on a line of a table, and of one that takes the margin
MODULE = re.compile("module; (.*)")  # in a pair, which would list it twice
NUMBER = re.compile(r"[-−+]?\d[\d.,]*")
COMPOUND = re.compile(r"(?<=[^\W\d_]{3})\\sphinxhyphen\{\}(?=[^\W\d_]{3})")
LAST = re.compile(r"([^\W\d_]{5,14}\.)$")


class Translator(LaTeXTranslator):
    """The writer of Sphinx, and what it leaves out."""

    begun = False  # a paragraph, by an entry of the index

    def visit_image(self, node):
        start = len(self.body)
        super().visit_image(node)
        if node.get("alt") and len(self.body) > start:
            self.body[start:] = [rf"\withalt{{{self.escape(node['alt'])}}}{{", *self.body[start:], "}"]

    def visit_section(self, node):
        first = next((child for child in node if not isinstance(child, nodes.title | nodes.Invisible)), None)
        if _is_cell(first) or _leads(first):
            self._keep_lines(first, HEADING)
        if tasks := [child for child in node if isinstance(child, exercise)]:  # none stands alone at a chapter's end
            lines = 3 + sum(2 + len(task.astext()) // SMALL for task in tasks)
            self.body.append(f"\n\\Needspace{{{lines}\\baselineskip}}\n")
        super().visit_section(node)

    def visit_container(self, node):
        if _is_cell(node):
            self._keep_lines(node)
        super().visit_container(node)

    def visit_captioned_literal_block(self, node):
        self._keep_lines(node)

    def visit_literal_block(self, node):
        if not isinstance(node.parent, nodes.container):
            self._keep_lines(node)
        super().visit_literal_block(node)

    visit_doctest_block = visit_literal_block  # Sphinx ties the two in its own class

    def _keep_lines(self, node, above=0):
        if isinstance(node, nodes.paragraph):
            node, above = _beyond(node), above + 1 + len(node.astext()) // SMALL
        if node.get("kept"):  # with its heading, or with the words that lead to it
            return
        node["kept"] = True
        lines = [len(block.astext().splitlines()) for block in node.findall(_is_code)]
        lines[1:] = [max(count, 2) for count in lines[1:]]  # a frame at the foot of a page asks for two lines of text
        if sum(lines) > (CELL if len(lines) > 1 else TOGETHER):
            self.body.append(f"\n\\keeplines{{{BEGUN + above}}}\n")
        elif lines:
            table = next(node.findall(nodes.table), None)  # those that follow it may stand on the next page
            rows = round(8 + 1.4 * len(list(table.findall(nodes.row)))) if table else 0
            drawn = (self._height(image) / LEADING + 2 for image in node.findall(nodes.image))
            most = min(rows, MOST) + min(round(sum(drawn)), PAGE)
            self.body.append(f"\n\\keeplines{{{sum(lines) + 1 + len(lines) + above + most}}}\n")

    def _height(self, image):
        """The height in print, in points, of a figure that is as wide as the text at most."""
        drawn = Path(self.builder.srcdir, image["uri"])
        size = SIZE.search(drawn.read_bytes()[:4000]) if drawn.suffix == ".pdf" else None
        width, height = map(float, size.groups()) if size else (1, 0)
        return height * min(1, MEASURE / width)

    def visit_index(self, node):
        after = _beyond(node)
        if isinstance(after, nodes.paragraph):  # an entry before it would stay behind where the page ends there
            self.body.append("\n\\leavevmode")
            self.begun = True
        elif isinstance(after, addnodes.desc | nodes.rubric):
            self.body.append(f"\n\\Needspace{{{_entry_lines(after)}\\baselineskip}}\n")
        node["entries"] = [_entry(*entry) for entry in node["entries"]]
        start = len(self.body)
        try:
            super().visit_index(node)
        finally:  # in an argument TeX writes the command otherwise than elsewhere, and one entry becomes two
            self.body[start:] = [part.replace(r"\sphinxhyphen{}", "-") for part in self.body[start:]]

    def visit_literal(self, node):
        node["whole"] = len(node.astext()) <= WHOLE and "language" not in node and not self.in_title and not self.table
        self.body.append(r"\mbox{" * node["whole"])
        super().visit_literal(node)

    def depart_literal(self, node):
        super().depart_literal(node)
        self.body.append("}" * node["whole"])

    def visit_math(self, node):
        small = r"\\bigl[\\begin{smallmatrix}\1\\end{smallmatrix}\\bigr]"  # within a line
        formula = re.sub(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", small, node.astext(), flags=re.DOTALL)
        tail, hook = (r"\mkern1.5mu " * end("f") for end in (formula.startswith, formula.endswith))
        super().visit_math(nodes.math("", tail + formula + hook))  # those of an f reach over the spaces beside it

    def visit_math_block(self, node):
        outside = re.sub(r"\\begin\{(\w+)\}.*?\\end\{\1\}", "", node.astext(), flags=re.DOTALL)
        try:
            super().visit_math_block(node)
        finally:  # the number of a split stands at the middle of its height, lower than the only line
            if "&" not in outside and r"\\" not in outside:
                self.body[-1] = re.sub(r"\\(begin|end)\{split\}", "", self.body[-1])

    def visit_abbreviation(self, node):
        super().visit_abbreviation(nodes.abbreviation("", node.astext()))  # what it stands for would open a bracket

    def visit_bullet_list(self, node):
        self.body.append("\\begin{works}\n") if "works" in node["classes"] else super().visit_bullet_list(node)

    def depart_bullet_list(self, node):
        self.body.append("\\end{works}\n") if "works" in node["classes"] else super().depart_bullet_list(node)

    def visit_Text(self, node):  # noqa: N802  (docutils calls it so)
        super().visit_Text(node)
        if not isinstance(node.parent, nodes.literal):  # a compound may be parted, the last word may not
            self.body[-1] = COMPOUND.sub(r"\\sphinxhyphen{}\\allowbreak{}", self.body[-1])
            if isinstance(node.parent, nodes.paragraph) and node is node.parent[-1]:
                self.body[-1] = LAST.sub(r"\\mbox{\1}", self.body[-1])

    def visit_paragraph(self, node):
        if _leads(node):
            self._keep_lines(node)
        super().visit_paragraph(node)
        if self.begun:  # the line above ends in no space
            self.body.append("\\unskip\n")
            self.begun = False

    def depart_paragraph(self, node):
        super().depart_paragraph(node)
        if isinstance(_next(node), nodes.table) or _is_heading(node):
            self.body.append("\n\\par\\nobreak\n")
        elif isinstance(_beyond(node), nodes.paragraph):  # what stands between would join the two
            self.body.append("\n\\par\n")

    def visit_table(self, node):
        node["align"] = node.get("align", "left")
        if len(list(node.findall(nodes.colspec))) >= WIDE:
            self.body.append("\n\\begin{sphinxuseclass}{wide}")
        elif len(list(node.findall(nodes.row))) > LONG:
            node["classes"].append("longtable")
        super().visit_table(node)

    def depart_table(self, node):
        spec = self.table.get_colspec().strip()
        columns = list(zip(*next(node.findall(nodes.tbody)), strict=False))
        if re.fullmatch(r"\{(T+|l+)\}", spec):
            heads = [cell.astext() for cell in next(node.findall(nodes.row)).findall(nodes.entry)]
            self.table.colspec = f"{{{''.join(_columns(heads, columns, spec[1]))}}}\n"
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

        A term and a citation have a page of the alphabet to be found on, what a docstring names is in the index.
        """
        named = any("py-obj" in child["classes"] for child in node if isinstance(child, nodes.literal))
        if self.in_title or self.table or named or target.startswith(ALPHABETICAL):
            return
        siblings = node.parent.children
        said = "".join(child.astext() for child in siblings[: siblings.index(node)])
        if before == "(" and said.count("(") > said.count(")"):
            before = after = ""
        lead = " " if before else ", "
        self.body.append(rf"\onpage{{{lead}{before}}}{{{self.idescape(target)}}}{{{after}}}")


class Tie(SphinxPostTransform):
    """Tie a short formula or word that ends a paragraph to the one before it: no last line is a letter alone."""

    default_priority = 900
    formats = ("latex",)

    def run(self):
        for paragraph in self.document.findall(nodes.paragraph):
            texts = [child for child in paragraph if isinstance(child, nodes.Text)]
            end = paragraph.astext()[-SHORT:]
            if not texts or " " not in end:
                continue
            last = texts[-1] if " " in texts[-1].rstrip() else texts[-2] if len(texts) > 1 else texts[-1]
            after = "".join(child.astext() for child in paragraph[paragraph.index(last) + 1 :])
            before, space, word = last.rpartition(" ")
            if before and space and len(word + after) < SHORT:
                paragraph.replace(last, nodes.Text(f"{before}\N{NO-BREAK SPACE}{word}"))


class Alt(SphinxPostTransform):
    """Give each figure the text that stands in its bundle for where it cannot be seen."""

    default_priority = 3  # before MyST-NB chooses among the forms of an output
    formats = ("latex",)

    def run(self):
        for bundle in self.document.findall(_is_bundle):
            texts = [part.astext() for part in bundle if part.get("mime_type") == "text/plain"]
            for image in bundle.findall(nodes.image):
                image["alt"] = " ".join(" ".join(texts).split())


def _beyond(node):
    """What follows, but for targets and entries of the index."""
    later = node.parent[node.parent.index(node) + 1 :]
    return next((other for other in later if not isinstance(other, addnodes.index | nodes.target)), None)


def _entry_lines(node):
    """The lines of an entry of the reference that stay on one page: of a short one, all."""
    if isinstance(node, nodes.rubric):
        return 6
    words = sum(1 + len(text.astext()) // SMALL for text in node.findall(nodes.paragraph))
    code = sum(2 + len(block.astext().splitlines()) for block in node.findall(_is_code))
    return 2 + round(0.85 * (words + code)) if words + code < TOGETHER else 4  # in small type


def _entry(kind, words, target, *place):
    """An entry of the index in print: a module is listed once, an exception with its home; an apostrophe is one."""
    single = MODULE.sub(r"\1 (module)", words).replace("'", "’")
    home, _, name = target.rpartition(".")
    if name == words:
        single += f" (exception in {home})"
    return ("single" if MODULE.match(words) else kind, single, target, *place)


def _next(node):
    return node.next_node(descend=False, siblings=True)


def _columns(heads, columns, kind):
    """What LaTeX is told of each column: numbers end below each other, and words on many pages take what they need.

    A column is as wide as its longest name at least, and what is left is shared by the roots of their texts' lengths.
    """
    letters = [max(map(_letters, column)) for column in columns]
    names = [max([0, *map(len, _names(column))]) for column in columns]
    if (kind == "l" and sum(letters) > LETTERS) or max(names) > NAME:
        words = [max(map(len, head.split()), default=0) for head in heads]
        least = [(max(pair) + 2) / (BROAD if len(columns) >= WIDE else LINE) for pair in zip(names, words, strict=True)]
        left, roots = max(0, 1 - sum(least)), [count**0.5 for count in letters]
        shares = [low + left * root / sum(roots) for low, root in zip(least, roots, strict=True)]
        return [rf"\F{{{int(100 * share / sum(shares)) / 100}}}" for share in shares]
    texts = [{cell.astext() for cell in column} for column in columns]
    numeric = [all(map(NUMBER.fullmatch, column)) and column != {"0"} for column in texts]
    return [{"T": "R", "l": "r"}[kind] if number else kind for number in numeric]


def _is_code(node):
    return isinstance(node, nodes.literal_block | nodes.doctest_block)


def _letters(cell):
    """The letters of a cell as they are set: a formula's source is about three times as long."""
    return sum(len(text) // (3 if isinstance(text.parent, nodes.math) else 1) for text in cell.findall(nodes.Text))


def _names(column):
    return (name.astext() for cell in column for name in cell.findall(nodes.literal))


def _is_cell(node):
    return _is_code(node) or (isinstance(node, nodes.container) and "cell" in node["classes"])


def _leads(node):
    """True for a line of text that leads to a cell: it stays with it."""
    return isinstance(node, nodes.paragraph) and len(node.astext()) < SMALL and _is_cell(_beyond(node))


def _is_heading(paragraph):
    return any(isinstance(child, nodes.strong) and child.astext() == paragraph.astext() for child in paragraph)


def _is_bundle(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def setup(app):
    app.set_translator("latex", Translator)
    app.add_post_transform(Alt)
    app.add_post_transform(Tie)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
