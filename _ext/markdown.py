"""A chapter's text as plain Markdown, which Jupyter shows: every role, number and link as Sphinx resolved it."""

import re

from docutils import nodes
from sphinx.util import logging

from _ext import layout
from _ext.mathml import standalone

LOG = logging.getLogger(__name__)
NOTHING = (nodes.comment, nodes.raw, nodes.target, nodes.system_message, nodes.substitution_definition, nodes.label)
PLAIN = """ section container compound block_quote compact_paragraph definition definition_list_item citation footnote
    glossary figure legend """
AROUND = {nodes.emphasis: "*", nodes.strong: "**", nodes.title_reference: "*"}


class Markdown:
    """Turns nodes of a resolved chapter into Markdown; `link` gives the address of a reference, or nothing."""

    def __init__(self, link, number, macros):
        self.link, self.number, self.macros = link, number, macros

    def inline(self, node):
        """What stands inside of a paragraph."""
        inner = "".join(map(self.inline, node.children))
        if isinstance(node, NOTHING) or node.tagname in {"index", "explorer"}:
            return ""
        if isinstance(node, nodes.Text):
            return re.sub(r"[$*<]", r"\\\g<0>", node.astext())
        if isinstance(node, nodes.math):
            return f"${standalone(node.astext(), False, self.macros)}$"
        if isinstance(node, nodes.literal):
            return f"`` {node.astext()} ``" if "`" in node.astext() else f"`{node.astext()}`"
        if isinstance(node, nodes.image):
            return f"*{node.get('alt', '')}*"
        if isinstance(node, nodes.reference) and (address := self.link(node)):
            return f"[{inner}]({address})"
        mark = AROUND.get(type(node), "")
        return f"{mark}{inner}{mark}"

    def blocks(self, node):
        """The blocks inside of a node, with an empty line between two."""
        return "\n\n".join(filter(None, map(self.block, node.children)))

    def block(self, node):
        """One block."""
        handle = getattr(self, node.tagname, None)
        if handle:
            return handle(node)
        if isinstance(node, NOTHING) or node.tagname in {"index", "explorer"}:
            return ""
        if isinstance(node, nodes.Inline | nodes.Text):
            return self.inline(node)
        if isinstance(node, nodes.Admonition | nodes.topic | nodes.sidebar):
            return layout.quoted(self.blocks(node), node.get("title") or node.tagname.title())
        if f" {node.tagname} " not in PLAIN:
            LOG.warning("Markdown has no form for %r", node.tagname, location=node, type="notebook")
        return self.blocks(node)

    def margin(self, node):
        return "\n".join(f"> {line}".rstrip() for line in self.blocks(node).splitlines())

    def paragraph(self, node):
        return "".join(map(self.inline, node.children)).strip()

    rubric = term = paragraph

    def title(self, node):
        if not isinstance(node.parent, nodes.section):
            return f"**{self.paragraph(node)}**"
        return f"{'#' * layout.depth(node.parent)} {self.paragraph(node)}"

    def caption(self, node):
        number = self.number(node.parent)
        return f"*{number}{'. ' if number else ''}{self.paragraph(node)}*"

    def math_block(self, node):
        number = self.number(node)
        tag = rf" \tag{{{number}}}" if number else ""
        return f"$$\n{standalone(node.astext(), True, self.macros)}{tag}\n$$"

    def literal_block(self, node):
        language = node.get("language", "")
        return f"```{'python' if 'python' in language else language}\n{node.astext().rstrip()}\n```"

    def bullet_list(self, node, mark=lambda i: "- "):
        items = (layout.indented(mark(i), self.blocks(item)) for i, item in enumerate(node.children, 1))
        return "\n".join(items)

    def enumerated_list(self, node):
        return self.bullet_list(node, lambda i: f"{i}. ")

    definition_list = bullet_list

    def table(self, node):
        rows = [[self.blocks(entry).replace("\n", " ").replace("|", r"\|") for entry in row.children]
                for row in node.findall(nodes.row)]  # fmt: skip
        rows.insert(1, ["---"] * len(rows[0]))
        title = "\n\n".join(self.block(t) for t in node.findall(nodes.title))
        return "\n\n".join(filter(None, [title, "\n".join(f"| {' | '.join(row)} |" for row in rows)]))

    transition = staticmethod(lambda node: "---")
