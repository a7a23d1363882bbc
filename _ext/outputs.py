"""What the run of a chapter printed, as the page, the comparison and the notebook need it: there, and in one piece.

MyST-NB 1.4 writes the notebook that it read, which for a chapter from the cache has no outputs; and where the kernel
sent what was printed in pieces, it joins them for the page in the first piece and leaves the others standing.
"""

from copy import copy

from myst_nb.core.execute.cache import NotebookClientCache

from _ext import execution


def start_client(self, start=NotebookClientCache.start_client):
    """Put the outputs, run or found in the cache, into the notebook that was read."""
    read = self._notebook
    start(self)
    execution.tell(self)
    read.metadata |= {key: self._notebook.metadata[key] for key in ("language_info",) if key in self._notebook.metadata}
    for cell, done in zip(read.cells, self._notebook.cells, strict=True):
        if cell.cell_type == "code":
            done.outputs = list(map(short, whole(done.outputs)))
            if cell is not done:  # MyST-NB takes the glued values out of the notebook that it shows
                cell.outputs = [output for output in done.outputs if "scrapbook" not in output.get("metadata", {})]
            cell.execution_count = done.execution_count


def whole(outputs):
    """The outputs of a cell, with what was printed in one piece, however many pieces the kernel sent it in."""
    found = []
    for output in outputs:
        if found and output.output_type == "stream" == found[-1].output_type and output.name == found[-1].name:
            found[-1].text += output.text
        else:
            found.append(copy(output))
    return found


def short(output):
    """An error without its traceback: a page shows what was raised, as a doctest does."""
    if output.output_type == "error":
        output.traceback = output.traceback[-1:]
    return output


def setup(app):
    NotebookClientCache.start_client = start_client
    return {"parallel_read_safe": True, "parallel_write_safe": True}
