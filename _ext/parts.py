r"""In print each captioned table of contents opens a part: ``\bookpart``, before the words that lead to it."""

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform


class Parts(SphinxTransform):
    """Set a part's page where the chapters of a toctree with a caption are put in.

    Sphinx's writer takes the chapters and drops the caption. The paragraph before the toctree stands on the page.
    """

    default_priority = 400

    def apply(self, **_):
        if self.app.builder.format != "latex":
            return
        for toctree in list(self.document.findall(addnodes.toctree)):
            if toctree.get("caption"):
                place = wrapper = toctree.parent
                before = wrapper.parent[max(wrapper.parent.index(wrapper) - 1, 0)]
                if isinstance(before, nodes.paragraph):
                    place = before
                depth = toctree["maxdepth"] - 1  # a chapter is at 0
                words = nodes.raw("", rf"\bookpart{{{toctree['caption']}}}{{{depth}}}", format="latex")
                place.parent.insert(place.parent.index(place), words)


def setup(app):
    app.add_transform(Parts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
