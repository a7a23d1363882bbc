"""A small book beside the real one, to plant faults in and to look at what the editions make of a page."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def copied(folder):
    """Lay all of the real book in ``folder``, but for what was made of it and installed for it."""
    leave = shutil.ignore_patterns(".*", "_build", "node_modules", "__pycache__")
    return shutil.copytree(ROOT, folder, ignore=leave, dirs_exist_ok=True)


def small_book(root, pages, own=False):
    """Lay a book of these pages, name -> text, in the empty folder ``root``, with the settings of the real one.

    Its package and its extensions are those of the real one; or, if they are to be changed, copies of its own.
    """
    for name in ("_ext", "src"):
        if own:
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (root / name).symlink_to(ROOT / name)
    (root / ".venv").symlink_to(sys.prefix)
    for name in ("Makefile", "conf.py", "requirements.lock", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root)
    for name in ("_static", "_templates", "_inventories"):
        shutil.copytree(ROOT / "book" / name, root / "book" / name)
    shutil.copy(ROOT / "book/references.bib", root / "book")
    for name, text in pages.items():
        (root / f"book/{name}.md").write_text(text, encoding="utf-8")


PLAIN = {"LC_ALL": "C"}  # a locale without letters beyond ASCII


def started(root, *words, before=(), **options):
    """`make` with these words, in the small book, in a plain locale and a process group of its own."""
    known = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG", "MAKE"))
    }
    return subprocess.Popen(
        [*before, "make", "--old-file", ".venv/.ready", *words],
        cwd=root,
        env=known | PLAIN | {"PYTHONPATH": str(root / "src")} | options.pop("env", {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
        **options,
    )


def make(root, *words, **options):
    """How `make` ended, and all that it told."""
    process = started(root, *words, **options)
    told, _ = process.communicate()
    return process.returncode, told


def sphinx(root, builder, *options):
    """Build the small book as strictly as the real one is built; what Sphinx answered."""
    command = [sys.executable, "-m", "sphinx", "-c", ".", "-W", "--keep-going", "-n", "-q"]
    command += ["-d", f"_build/doctrees/{builder}", *options, "-b", builder, "book", f"_build/{builder}"]
    env = os.environ | {"SOURCE_DATE_EPOCH": "1000000000"}
    return subprocess.run(command, cwd=root, env=env, capture_output=True, encoding="utf-8")
