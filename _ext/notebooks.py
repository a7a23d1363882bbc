"""Each chapter as an executed notebook to download: plain Markdown, and cells that need this package alone.

They lie in the site's folder `notebooks`, beside the package itself as a file that pip installs.
"""

import json
import logging
from pathlib import Path

import nbformat
from flit_core.wheel import make_wheel_in

from _ext.doctest_cells import executed
from _ext.markdown import Markdown
from _ext.notebook_cells import parts

FOLDER = "notebooks"
NO_CHAPTERS = {"reference", "support", "measured", "checked"}  # the API, and tables of what this project measured
INSTALL = """\
> **To run this notebook** you need Python 3.11 or newer, Jupyter, and this book's package.
> The package lies beside the notebook on the book's site, as [{wheel}]({wheel}): save both files in one folder.
> Then run the next cell, once."""


def chapter(app, docname):
    """The notebook of a chapter as it was run, or None for a page that is no chapter."""
    book = None if docname in NO_CHAPTERS else executed(app, docname)
    return book if book and any(cell.cell_type == "code" for cell in book.cells) else None


def write(app, doctree, docname):
    """Write a chapter's notebook into the site."""
    book = chapter(app, docname) if app.builder.name == "html" else None
    if not book:
        return
    wheel = wheel_name(app.config.release)
    cells = [nbformat.v4.new_markdown_cell(INSTALL.format(wheel=wheel))]
    cells += [nbformat.v4.new_code_cell(f"%pip install --quiet {wheel}[notebooks]")]
    cells += parts(Markdown(*ways(app, docname)), doctree, book.cells)
    for i, cell in enumerate(cells):
        cell.id = f"cell-{i}"
    book.cells, book.metadata = cells, {key: book.metadata[key] for key in ("kernelspec", "language_info")}
    path = Path(app.outdir, FOLDER, f"{docname}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(nbformat.validator.normalize(book)[1], ensure_ascii=False, indent=1) + "\n", "utf-8")


def ways(app, docname):
    """How the text of a notebook finds another page, and a figure its number; and the macros of formulas."""

    def link(node):
        address = node.get("refuri", "")
        page = address.split("#")[0].removesuffix(".html")
        if page in app.env.all_docs:
            return f"{page}.ipynb" if chapter(app, page) else ""
        return address if "://" in address else ""

    def number(node):
        for kind, numbers in app.env.toc_fignumbers.get(docname, {}).items():
            for name in filter(numbers.get, node["ids"]):
                return app.config.numfig_format.get(kind, "%s") % ".".join(map(str, numbers[name]))
        return ""

    return link, number, app.config.mathml_macros


def offer(app, docname, template, context, doctree):
    """Offer the notebook under the title of its page."""
    if app.builder.name == "html" and doctree and chapter(app, docname):
        address = context["pathto"](f"{FOLDER}/{docname}.ipynb", 1)
        words = f'<p class="offer">To run it yourself: <a href="{address}" download>this chapter as a notebook</a>.</p>'
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{words}", 1)


def wheel_name(version):
    return f"jacobians-{version}-py3-none-any.whl"


def package(app, exception):
    """Put the package, as pip takes it, beside the notebooks."""
    if app.builder.name == "html" and not exception and Path(app.outdir, FOLDER).exists():
        logging.getLogger("flit_core").setLevel("WARNING")
        make_wheel_in(Path(app.confdir, "pyproject.toml"), Path(app.outdir, FOLDER)).file.chmod(0o644)


def setup(app):
    app.connect("doctree-resolved", write)
    app.connect("html-page-context", offer)
    app.connect("build-finished", package)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
