"""A cell that should show a figure does; and each picture has words that stand for it where it cannot be seen."""

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from _ext.doctest_cells import executed

LOG = logging.getLogger(__name__)
EMPTY = "this cell must end with its figure, as figures.NAME(...) gives it; it shows none."
MUTE = ("the figure of this cell has no alt text. Give the words that stand for it to Picture(figure, name, alt), and "
        "let the cell end with that.")  # fmt: skip
WORDLESS = "the picture %s has no alt text. Write it between the brackets of ![...](%s), or as :alt: of a figure."


def faults(cell):
    """Yield what is wrong with the figure of a cell that was run."""
    shown = [output.data for output in cell.outputs if "data" in output]
    pictures = [data for data in shown if any(kind.startswith("image/") for kind in data)]
    if not pictures and ("download" in cell.metadata or "figure" in cell.metadata.get("mystnb", {})):
        yield EMPTY
    for data in pictures:
        alt = data.get("text/plain", "").strip()
        if not alt or alt.startswith("<"):  # <Figure size ...>
            yield MUTE


def check(app, doctree):
    """Warn of each picture of a page that lacks its words, and of each cell that lacks its figure."""
    for image in doctree.findall(nodes.image):
        inside = image
        while inside and inside.get("nb_element") != "mime_bundle":
            inside = inside.parent
        if not inside and not image.get("alt", "").strip():
            LOG.warning(WORDLESS, image["uri"], image["uri"], location=image, type="figure")
    book = executed(app, app.env.docname)
    if not book:
        return
    for line, cell in zip(book.metadata.source_map, book.cells, strict=True):
        if cell.cell_type == "code" and cell.execution_count and "stopped" not in cell.metadata:
            for fault in faults(cell):
                LOG.warning(fault, location=(app.env.docname, line + 1), type="figure")


class Lines(SphinxTransform):
    """Give a picture the line of its paragraph, so that whoever complains of it can say where it is."""

    default_priority = 10

    def apply(self):
        for image in self.document.findall(nodes.image):
            image.line = image.line or image.parent.line


def setup(app):
    app.add_transform(Lines)
    app.connect("doctree-read", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
