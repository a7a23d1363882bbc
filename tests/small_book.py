"""A small book beside the real one, to plant faults in and to look at what the editions make of a page."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]


def small_book(root, pages):
    """Lay a book of these pages, name -> text, in the empty folder ``root``, with the settings of the real one."""
    for name in ("_ext", "src"):
        (root / name).symlink_to(ROOT / name)
    for name in ("conf.py", "requirements.lock", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root)
    for name in ("_static", "_templates", "_inventories"):
        shutil.copytree(ROOT / "book" / name, root / "book" / name)
    shutil.copy(ROOT / "book/references.bib", root / "book")
    for name, text in pages.items():
        (root / f"book/{name}.md").write_text(text, encoding="utf-8")
