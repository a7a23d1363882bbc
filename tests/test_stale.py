"""No page shows an old answer: what a result can depend on is watched, and nothing else runs a chapter again."""

import re
import shutil

import pytest

from _ext.watched import digest, files
from tests.small_book import ROOT, make, small_book

SOURCE = "def answer():\n    return 41\n"
PAGE = """# Page

Old prose.

```{listing} jacobians.answer.answer
```

```{code-cell} python
import time
from pathlib import Path

from jacobians.answer import answer

sizes = [len(Path("..", name).read_bytes()) for name in ["requirements.lock", "conf.py", "_ext/results.py"]]
print("run", time.time_ns(), "answer", answer(), "sizes", *sizes)
```

```{code-cell} python
from jacobians import measure

measure.glue("size", 2.5)
```

It is {glue:text}`size:.1f`.
"""

REFERENCE = "# Reference\n\n```{eval-rst}\n.. autofunction:: jacobians.answer.answer\n```\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A small book with a package and extensions of its own, its site made."""
    root = tmp_path_factory.mktemp("stale")
    index = "# A book\n\n```{toctree}\npage\nreference\n```\n"
    small_book(root, {"index": index, "page": PAGE, "reference": REFERENCE}, own=True)
    (root / "src/jacobians/answer.py").write_text(SOURCE)
    code, text = make(root, "html")
    assert code == 0, text
    return root


def shown(root):
    """What the page of the site shows: its text, and what its cell printed: when, the answer, and the three sizes."""
    page = (root / "_build/html/page.html").read_text(encoding="utf-8")
    return page, *map(int, re.search(r"run (\d+) answer (\d+) sizes (\d+) (\d+) (\d+)", page).groups())


def edited(root, name, old, new):
    """What the page shows before and after one edit and one build."""
    before, path = shown(root), root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, told = make(root, "html")
    assert code == 0, told
    return before, shown(root)


def test_an_edit_of_prose_runs_no_chapter_again(root):
    before, after = edited(root, "book/page.md", "Old prose.", "New prose.")
    assert "New prose." in after[0]
    assert before[1:] == after[1:]


def test_an_edited_routine_changes_its_listing_and_its_result_together(root):
    before, after = edited(root, "src/jacobians/answer.py", "41", "42")
    assert (before[2], after[2]) == (41, 42)
    assert '<span class="mi">42</span>' in after[0]
    assert '<span class="mi">41</span>' not in after[0]


@pytest.mark.parametrize(
    ("place", "name", "old"),
    [(3, "requirements.lock", "\n"), (4, "conf.py", "\n"), (5, "_ext/results.py", "\n")],
)
def test_an_edit_of_the_lock_the_settings_or_an_extension_runs_the_chapters_again(root, place, name, old):
    before, after = edited(root, name, old, "\n# edited\n")
    assert after[1] > before[1]
    assert after[place] == before[place] + len("# edited\n")


def test_a_chapter_from_the_cache_gives_the_same_page_and_the_same_notebook(root):
    names = ["page.html", "notebooks/page.ipynb"]
    fresh = {name: (root / "_build/html" / name).read_bytes() for name in names}
    shutil.rmtree(root / "_build/doctrees")
    shutil.rmtree(root / "_build/jupyter_execute")
    assert make(root, "html")[0] == 0
    assert {name: (root / "_build/html" / name).read_bytes() for name in names} == fresh
    assert b"2.5" in fresh["page.html"]
    assert b"scrapbook" not in fresh["notebooks/page.ipynb"]


def test_all_of_the_package_is_watched_and_no_prose(tmp_path):
    watched = {str(path.relative_to(ROOT)) for path in files(ROOT)}
    assert {"src/jacobians/vjp.py", "src/jacobians/layers/rules.py", "src/jacobians/figures/fonts/figure-serif.ttf",
            "_ext/doctest_cells.py", "conf.py", "requirements.lock", "benchmarks/measured.json",
            "tests/mutated.json"} <= watched  # fmt: skip
    assert not [name for name in watched if name.startswith("book/") or "__pycache__" in name or "tests/test" in name]


def test_the_digest_changes_with_a_byte_and_with_a_name_and_with_nothing_else(tmp_path):
    (tmp_path / "src").mkdir()
    one = tmp_path / "src/one.py"
    one.write_bytes(b"x = 1")
    first = digest(tmp_path)
    assert digest(tmp_path) == first
    (tmp_path / "notes.md").touch()
    assert digest(tmp_path) == first
    one.write_bytes(b"x = 2")
    second = digest(tmp_path)
    one.rename(tmp_path / "src/two.py")
    assert len({first, second, digest(tmp_path)}) == 3
