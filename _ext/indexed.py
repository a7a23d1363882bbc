"""The index leads to a term where it is explained, in bold, as well as to the glossary.

In print the index comes last by itself: what names it among the chapters is for the site and the EPUB.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform


class Indexed(SphinxTransform):
    """Give each link to the glossary that is set in bold an entry of the index."""

    default_priority = 500

    def apply(self):
        for link in list(self.document.findall(addnodes.pending_xref)):
            if link.get("reftype") == "term" and isinstance(link.parent, nodes.strong):
                place = f"index-{self.env.new_serialno('index')}"
                entry = addnodes.index(entries=[("single", link["reftarget"], place, "", None)])
                link.parent.replace_self([entry, nodes.target("", "", ids=[place]), link.parent])


class Unlisted(SphinxTransform):
    """On the site and in the EPUB no module has entries of its own: each routine names its module there."""

    default_priority = 500

    def apply(self):
        for index in self.document.findall(addnodes.index):
            if self.app.builder.format == "html":
                index["entries"] = [entry for entry in index["entries"] if not entry[1].startswith("module; ")]


class LastByItself(SphinxTransform):
    """Take the index out of the chapters that are put together for print."""

    default_priority = 500

    def apply(self):
        for toctree in self.document.findall(addnodes.toctree):
            if self.app.builder.format == "latex":
                toctree["entries"] = [entry for entry in toctree["entries"] if entry[1] != "genindex"]
                toctree["includefiles"] = [name for name in toctree["includefiles"] if name != "genindex"]


def setup(app):
    app.add_transform(Indexed)
    app.add_transform(LastByItself)
    app.add_transform(Unlisted)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
