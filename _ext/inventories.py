"""Where NumPy and SciPy explain their routines: inventories for links that need no network.

``make inventories`` writes them from the installed packages: both projects give a routine a page of its own name.
"""

import importlib
import zlib
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "book/_inventories"
MODULES = {
    "numpy": ["numpy", "numpy.linalg", "numpy.fft"],
    "scipy": ["scipy.integrate", "scipy.linalg", "scipy.optimize", "scipy.sparse", "scipy.sparse.linalg",
              "scipy.sparse.csgraph", "scipy.special", "scipy.stats"],
}  # fmt: skip
HOMES = {
    "numpy": ("https://numpy.org/doc/stable/", "reference/generated/"),
    "scipy": ("https://docs.scipy.org/doc/scipy/", "reference/generated/"),
}


def names(project):
    """The public routines and classes of a project's modules."""
    for name in MODULES[project]:
        module = importlib.import_module(name)
        yield from (f"{name}.{public}" for public in module.__all__ if callable(getattr(module, public, None)))


def inventory(project):
    """The inventory, in version 2 of Sphinx's format."""
    lines = (f"{name} py:function 1 {HOMES[project][1]}{name}.html#$ -\n" for name in sorted(set(names(project))))
    head = (
        f"# Sphinx inventory version 2\n# Project: {project}\n# Version: \n# The remainder is compressed using zlib.\n"
    )
    return head.encode() + zlib.compress("".join(lines).encode(), 9)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for project in MODULES:
        (FOLDER / f"{project}.inv").write_bytes(inventory(project))
