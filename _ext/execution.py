"""What stops the run of a chapter is told in one sentence, at the line of its cell: an error, the clock, a dead kernel.

MyST-NB names the page alone, and lets a kernel that dies end the whole build.
"""

import re
import textwrap

from jupyter_cache.executors.utils import ExecutionResult
from myst_nb.core.execute import cache
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from sphinx.util import logging

LOG = logging.getLogger(__name__)
ERROR = "this cell raises {error}, and no cell after it was run. Mend it, or the routine that it calls.\n{trace}"
CLOCK = ("this cell did not end within {limit} seconds, and no cell after it was run. Make it compute less; the limit "
         "is nb_execution_timeout of conf.py, or execution_timeout at the head of the page.")  # fmt: skip
DEATH = ("the kernel died in this cell, and no cell after it was run. Run the chapter's cells in a plain Python: "
         "os._exit, a crash in compiled code, or too little memory ends it too.")  # fmt: skip
START = "no kernel started to run this page ({error}). Call 'make clean', and try again."


def run(nb, execute=cache.single_nb_execution, **options):
    """Run a notebook; note in it the cell that stopped the run, if one did, and why."""
    reached = []
    try:
        done = execute(nb, on_cell_execute=lambda cell, cell_index: reached.append(cell_index), **options)
    except RuntimeError as error:  # a kernel that died, or that never lived
        done = ExecutionResult(nb, options["cwd"], 0.0, error, str(error))
    if done.err:
        nb.metadata["stopped"] = [reached[-1] if reached else None, reason(done.err, nb, reached, options["timeout"])]
    return done


def reason(error, nb, reached, limit):
    """The sentence that tells why the run stopped."""
    if isinstance(error, CellTimeoutError):
        return CLOCK.format(limit=limit)
    if isinstance(error, DeadKernelError):
        return DEATH
    if not reached:
        return START.format(error=error)
    outputs = nb.cells[reached[-1]].outputs
    lines = "".join(line for output in outputs for line in output.get("traceback", []))
    trace = textwrap.indent(re.sub(r"\x1b\[[\d;]*m", "", lines).strip(), "    ")
    return ERROR.format(error=f"{error.ename}: {error.evalue}", trace=trace)


def tell(client):
    """Warn of what stopped the run of a chapter, with the lines of its cell."""
    place, why = client.notebook.metadata.pop("stopped", (None, None))
    if why and place is None:
        LOG.warning(why, location=str(client.path), type="execution")
    elif why:
        cell = client.notebook.cells[place]
        cell.metadata["stopped"] = True
        sentence, _, trace = why.partition("\n")
        told = "\n".join([sentence, *(f">>> {line}" for line in cell.source.splitlines()), *trace.splitlines()])
        LOG.warning("%s", told, location=f"{client.path}:{client.cell_line(place)}", type="execution")


def setup(app):
    cache.single_nb_execution = run
    return {"parallel_read_safe": True, "parallel_write_safe": True}
