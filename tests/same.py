"""Make every edition of the last commit in two folders and compare them byte by byte: `make same`.

What is measured differs from run to run. So the second folder takes over the executed chapters of the first, and
makes all else anew.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
EDITIONS = ("html", "pdf", "epub/jacobians.epub")


def make(folder, executed=None):
    """Make the editions of the last commit in a folder, from the executed chapters of another if they are given."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x"], cwd=folder, input=archive, check=True)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    if executed:
        shutil.copytree(executed, folder / "_build/executed")
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    command = ["make", "--old-file", ".venv/.ready", "html", "pdf", "epub"]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def files(folder):
    """The bytes of each file of each edition, by its path."""
    found = [path for name in EDITIONS for path in [folder / "_build" / name, *(folder / "_build" / name).rglob("*")]]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found if path.is_file()}


if __name__ == "__main__":
    one, two = ROOT / "_build/same/one", ROOT / "_build/same/another folder"
    make(one)
    make(two, executed=one / "_build/executed")
    first, second = files(one), files(two)
    apart = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))
    if apart:
        sys.exit("Not the same: " + ", ".join(apart))
    print(f"The same bytes, twice: {len(first)} files of the site, the PDF and the EPUB.")
