"""A cell with ``download: NAME.png`` in its options leaves its figure, as a file, beside the page."""

import base64
from pathlib import Path

from _ext.doctest_cells import executed


def write(app, exception):
    """Write the PNG of each such cell of the executed chapters into the finished site."""
    if exception or app.builder.name != "html":
        return
    for name in sorted(app.env.found_docs):
        book = executed(app, name)
        for cell in book.cells if book else []:
            name = cell.metadata.get("download")
            if name and cell.execution_count:  # one that was not reached has been reported
                pngs = [output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {})]
                if pngs:  # else _ext.figure_cells has warned
                    (Path(app.outdir) / name).write_bytes(base64.b64decode(pngs[0]))


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
