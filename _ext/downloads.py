"""A cell with ``download: NAME.png`` in its options leaves its figure, as a file, beside the page."""

import base64
from pathlib import Path

import nbformat


def write(app, exception):
    """Write the PNG of each such cell of the executed chapters into the finished site."""
    if exception or app.builder.format != "html":
        return
    for path in sorted((Path(app.outdir).parent / "jupyter_execute").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if name := cell.metadata.get("download"):
                png = next(output.data["image/png"] for output in cell.outputs if "data" in output)
                (Path(app.outdir) / name).write_bytes(base64.b64decode(png))


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
