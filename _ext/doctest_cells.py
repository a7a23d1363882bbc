"""A chapter is a doctest: its ``>>>`` blocks become cells, and each run is held to what is written.

MyST-NB asks `read` for the notebook of a chapter. When the chapter has been run, `compare` sets each
cell's output beside the one in the source; a difference is a warning, which fails the build.
"""

import doctest
import re
from pathlib import Path

import nbformat
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from sphinx.util import logging

from _ext.results import same_output

LOG = logging.getLogger(__name__)


def read(text, **config):
    """The notebook of a chapter: a cell for each code cell, and one for each printed result."""
    book = read_myst_markdown_notebook(
        text,
        config=MdParserConfig(**config),
        code_directive=("{code-cell}", "python"),  # startswith takes a tuple
        add_source_map=True,
    )
    lines, cells, source = [], [], text.splitlines()
    for line, cell in zip(book.metadata.pop("source_map", []), book.cells, strict=True):
        doctests = cell.cell_type == "code" and cell.source.startswith(">>>")
        if cell.cell_type == "markdown":  # MyST-NB drops blank lines without counting them, and counts one too many
            line = next(i for i in range(line, len(source)) if source[i].strip()) - 1
        for offset, part in _split(cell) if doctests else [(0, cell)]:
            part.id = f"cell-{len(cells)}"
            lines.append(line + offset)
            cells.append(part)
    book.cells, book.metadata["source_map"] = cells, lines
    book.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3"})
    return book


def _split(cell):
    """Yield (line, cell) for the examples of one fence; a printed result ends a cell."""
    source, start = [], 0
    examples = doctest.DocTestParser().get_examples(cell.source + "\n")
    for i, example in enumerate(examples):
        start = start if source else example.lineno
        source.append(example.source)
        if example.want or i == len(examples) - 1:
            want = example.exc_msg or example.want
            tags = {"tags": ["raises-exception"]} if example.exc_msg else {}
            new = nbformat.v4.new_code_cell("".join(source).rstrip(), metadata={"expected": want, **tags})
            yield start, new
            source = []


def printed(cell):
    """All that a cell printed, showed or raised, as text."""
    return "".join(map(_text, cell.outputs))


def _text(output):
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return f"\n{output.ename}: {output.evalue}\n"
    return f"\n{output.data.get('text/plain', '')}\n"


def executed(app, docname):
    """The notebook of a page as it was run, or None for a page without cells."""
    if "source_map" not in app.env.metadata[docname]:
        return None
    return nbformat.read(Path(app.outdir).parent / "jupyter_execute" / f"{docname}.ipynb", as_version=4)


def compare(app, doctree):
    """Warn of each cell whose run printed something else than the chapter says."""
    book = executed(app, app.env.docname)
    if not book:
        return
    for line, cell in zip(book.metadata.source_map, book.cells, strict=True):
        want = cell.metadata.get("expected")
        if want is None or "stopped" in cell.metadata or (cell.execution_count is None and not cell.outputs):
            continue  # not a doctest; or stopped, or not reached, which _ext.execution tells
        want = re.sub(r"^[\w.]+\.(?=\w+(: |$))", "", want) if "tags" in cell.metadata else want
        got = printed(cell)
        if not same_output(want, got):
            LOG.warning(
                "the run does not print what the chapter says\n>>> %s\nexpected:\n%s\ngot:\n%s",
                cell.source.replace("\n", "\n>>> "), want.strip() or "(nothing)", got.strip() or "(nothing)",
                location=(app.env.docname, line + 1), type="doctest",
            )  # fmt: skip


def setup(app):
    app.connect("doctree-read", compare)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
