"""Make every edition of the last commit in two folders and compare them byte by byte: `make same`.

Both folders run every chapter. What they print must be the same but for what is measured: the values that a chapter
glues, which live in one file a chapter, `_build/jupyter_execute/STEM.glue.json`, and the figures of `DRAWN`. Then the
second folder takes over the executed chapters of the first, and makes all else anew.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
EDITIONS = ("html", "pdf", "epub/jacobians.epub")
DRAWN = {"fig-relu-cost"}  # figures of measured values


def unpack(folder):
    """Lay the last commit in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x"], cwd=folder, input=archive, check=True)
    (folder / ".venv").symlink_to(ROOT / ".venv")


def make(folder, *editions):
    """Make these editions in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    command = ["make", "--old-file", ".venv/.ready", *editions]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def files(folder):
    """The bytes of each file of each edition, by its path."""
    found = [path for name in EDITIONS for path in [folder / "_build" / name, *(folder / "_build" / name).rglob("*")]]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found if path.is_file()}


def cells(folder):
    """The executed code cells of each chapter, by the name of its file."""
    for path in sorted((folder / "_build/jupyter_execute").glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        yield path.name, [cell for cell in book.cells if cell.cell_type == "code"]


def drawn(cell):
    """True if a cell draws a figure of measured values."""
    return cell.metadata.get("mystnb", {}).get("figure", {}).get("name") in DRAWN


def compared(first, second):
    """What differs between two runs: the measured values by file, and the code of each cell that is not measured."""
    wrong, values = [], {}
    for (name, ours), (_, theirs) in zip(cells(first), cells(second), strict=True):
        apart = [one for one, two in zip(ours, theirs, strict=True) if one.outputs != two.outputs and not drawn(one)]
        wrong += [f"{name}: two runs of this cell differ\n{cell.source}" for cell in apart]
    for path in sorted((first / "_build/jupyter_execute").glob("*.glue.json")):
        one, two = (
            json.loads((at / "_build/jupyter_execute" / path.name).read_text("utf-8")) for at in (first, second)
        )
        values[path.name] = sorted(key for key in one | two if one.get(key) != two.get(key))
    return values, wrong


def main():
    one, two = ROOT / "_build/same/one", ROOT / "_build/same/another folder"
    unpack(one)
    unpack(two)
    make(one, "html", "pdf", "epub")
    make(two, "html")
    values, wrong = compared(one, two)
    shutil.rmtree(two / "_build")
    shutil.copytree(one / "_build/executed", two / "_build/executed")
    make(two, "html", "pdf", "epub")
    first, second = files(one), files(two)
    wrong += sorted(f"{name}: not the same" for name in {*first, *second} if first.get(name) != second.get(name))
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"The same bytes, twice: {len(first)} files of the site, the PDF and the EPUB.")
    print("Two runs printed the same. What is measured, and differs, lives in _build/jupyter_execute/:")
    for name, keys in values.items():
        print(f"  {name}: {', '.join(keys) or 'nothing that differs'}")


if __name__ == "__main__":
    main()
