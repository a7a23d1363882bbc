"""A term in bold stands where it is explained: the index leads there too, beside the glossary."""

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


def setup(app):
    app.add_transform(Indexed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
