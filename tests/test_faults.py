"""Each fault of the build is told in words that are enough to mend it; nothing half-made takes the place of a site."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_book import ROOT, make, small_book, started

FIGURE = "```{{code-cell}} python\n---\nmystnb:\n  figure:\n    name: fig-{0}\n    caption: One.\n---\n{1}\n```\n"
FAULTS = {  # a page that is wrong in one way
    "raises": "# Raises\n\n```python\n>>> from jacobians.jacobian import jacobian_numerical as numerical\n"
    ">>> numerical(None, [1.0, 2.0])\n1\n>>> 3\n3\n```\n",
    "never": "---\nmystnb:\n  execution_timeout: 2\n---\n# Never ends\n\n"
    "```python\n>>> x = 1\n>>> x\n1\n>>> while True:\n...     pass\n>>> 3\n3\n```\n",
    "dies": "# Dies\n\n```python\n>>> import os\n>>> os._exit(3)\n>>> 3\n3\n```\n",
    "differs": "# Differs\n\n```python\n>>> 2 + 2\n5\n```\n",
    "stderr": "# Warns\n\n```python\n>>> import warnings\n>>> warnings.warn('old')\n```\n",
    "nodrawing": "# No drawing\n\n" + FIGURE.format("none", "x = 1"),
    "mute": "# Mute\n\n" + FIGURE.format("mute", "from jacobians.figures import picture\n\n"
                                       "picture.Picture(picture.canvas()[0], 'mute', '')"),
    "picture": "# Picture\n\nAs ![](_static/page.png) shows.\n",
    "lost": "# Lost\n\nAs ![a page](nowhere.png) shows.\n",
    "formula": "# Formula\n\nText with $\\unknowncommand{x}$ in it.\n",
    "dangling": "# Dangling\n\nSee {numref}`fig-nowhere`, {eq}`eq-nowhere`, [there](nowhere.md).\n",
    "routine": "# Routine\n\n```{listing} jacobians.vjp.no_such_routine\n```\n\n```{listing} relu\n```\n",
    "glue": "# Glue\n\nIt took {glue:text}`nothing:.1f` seconds.\n",
    "network": "# Network\n\n```python\n>>> import urllib.request as u\n>>> _ = u.urlopen('http://192.0.2.1/')\n```\n",
    "aside": "# Not in the contents\n\nText.\n",
}  # fmt: skip
RIGHT = """# Right

{words}.

```{{code-cell}} python
import pathlib, time

pathlib.Path("../{words}").touch()
while pathlib.Path("../wait").exists():
    time.sleep(0.05)
```

```python
>>> 2 + 2
{result}
```
"""


def book(root, **pages):
    """A small book of these pages."""
    contents = "\n".join(name for name in pages if name != "aside")
    index = f"# A book\n\n```{{toctree}}\n{contents}\n```\n"
    small_book(root, {"index": index, **pages})
    return root


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What `make html` tells of a book of which every page is wrong."""
    root = book(tmp_path_factory.mktemp("a folder with spaces é ∂"), **FAULTS)
    code, text = make(root, "html")
    assert code
    assert not (root / "_build/html").exists()
    return text


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("raises.md:4", ["this cell raises", "Mend it, or the routine that it calls.", "src/jacobians/jacobian.py:"]),
        ("never.md:11", ["this cell did not end within 2 seconds", "nb_execution_timeout of conf.py"]),
        ("dies.md:4", ["the kernel died in this cell", "os._exit", ">>> os._exit(3)"]),
        ("differs.md:4", ["the run does not print what the chapter says", "expected:\n5\ngot:\n4", "make doctest"]),
        ("stderr.md:5", ["stderr was found", "mend what causes it"]),
        ("nodrawing.md:4", ["this cell must end with its figure"]),
        ("mute.md:4", ["the figure of this cell has no alt text. Give the words that stand for it to Picture("]),
        ("picture.md:3", ["the picture _static/page.png has no alt text", "between the brackets"]),
        ("lost.md:3", ["image file not readable: nowhere.png", "from the folder book/"]),
        ("formula.md:3", [r"\unknowncommand", "mathml_macros of conf.py"]),
        ("dangling.md:3", ["undefined label: 'fig-nowhere'", "'name:' among the options"]),
        ("dangling.md:3", ["equation not found: eq-nowhere", "':label:' in an equation"]),
        ("dangling.md:3", ["target not found: 'nowhere.md'", "the name of a page with .md"]),
        ("routine.md:3", ["no routine 'jacobians.vjp.no_such_routine' to quote: src/jacobians/vjp.py has relu,"]),
        ("routine.md:6", ["no routine 'relu' to quote: write the whole name, jacobians.MODULE.ROUTINE"]),
        ("glue.md:3", ["No key 'nothing'", "measure.glue(name, value)"]),
        ("network.md:4", ["no network while the book is built, and 192.0.2.1 was asked for"]),
        ("aside.md", ["document isn't included in any toctree", "Name the page in the toctree of book/index.md"]),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_what_to_do(told, place, words):
    messages = [message for message in told.split("/book/")[1:] if message.startswith(f"{place}: WARNING")]
    assert any(all(word in message for word in words) for message in messages), told


def test_no_fault_is_told_twice_and_nothing_breaks_off(told):
    assert told.count("raises.md") == told.count("dies.md") == told.count("never.md") == told.count("differs.md") == 1
    assert "Traceback\n====" not in told
    assert "traitlets" not in told


def test_the_last_words_say_that_there_is_no_site(told):
    assert "No new edition was made. Mend what is named above, and call 'make html' again." in told
    assert "There is none from before." in told


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small book with its site, whole."""
    root = book(tmp_path_factory.mktemp("made ∂"), page=RIGHT.format(words="First", result=4))
    code, text = make(root, "html")
    assert code == 0, text
    return root


@pytest.fixture
def site(made, tmp_path):
    """The small book with its site, to spoil."""
    return shutil.copytree(made, tmp_path / "site ∂", symlinks=True)


def write(root, **page):
    (root / "book/page.md").write_text(RIGHT.format(**page), encoding="utf-8")


def words(root):
    """Which version of the page the site shows; the site must be whole."""
    assert {"page.html", "index.html", "search.html", "_static", "notebooks"} <= {
        path.name for path in (root / "_build/html").iterdir()
    }
    page = (root / "_build/html/page.html").read_text(encoding="utf-8")
    return next(word for word in ("First", "Second", "Third") if f"<p>{word}.</p>" in page)


def test_a_failed_build_leaves_the_old_site_and_fails_until_it_is_mended(site):
    write(site, words="Second", result=5)
    for _ in range(2):
        code, text = make(site, "html")
        assert code
        assert "expected:\n5\ngot:\n4" in text
        assert "_build/html is the old one, of " in text
        assert words(site) == "First"
    write(site, words="Third", result=4)
    assert make(site, "html")[0] == 0
    assert words(site) == "Third"
    assert {path.name for path in (site / "_build").iterdir()} >= {".lock", "html"}
    assert not list((site / "_build").glob(".html-*"))


def begun(root, process):
    """Wait until a cell of the build has begun."""
    while not (root / "Second").exists():
        assert process.poll() is None, process.stdout.read()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)


def test_a_build_that_is_killed_leaves_the_old_site_and_another_waits_and_is_whole(site):
    write(site, words="Second", result=4)
    (site / "wait").touch()
    first = started(site, "html")
    begun(site, first)
    second = started(site, "html")
    assert second.stdout.readline() == (
        "Another build is at work in this folder; this one begins when that has ended.\n"
    )
    assert words(site) == "First"
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    (site / "wait").unlink()
    text, _ = second.communicate()
    assert second.returncode == 0, text
    assert words(site) == "Second"


def test_a_build_that_is_interrupted_says_that_the_old_site_is_there(site):
    write(site, words="Second", result=4)
    (site / "wait").touch()
    process = started(site, "html")
    begun(site, process)
    os.killpg(process.pid, signal.SIGINT)
    text, _ = process.communicate()
    assert process.returncode
    assert "_build/html is the old one, of " in text
    assert words(site) == "First"
    assert not (site / "_build/doctrees/html").exists()


def test_a_build_stopped_after_its_warnings_warns_again(site):
    write(site, words="Second", result=5)
    (site / "_build/doctrees/html").rename(site / "_build/doctrees/html-unfinished")
    command = [sys.executable, "-m", "sphinx", "-c", ".", "-q", "-d", "_build/doctrees/html-unfinished", "book"]
    subprocess.run([*command, "_build/making-html"], cwd=site, capture_output=True, check=True)  # it did warn
    code, text = make(site, "html")
    assert code
    assert "expected:\n5\ngot:\n4" in text


def test_a_site_put_aside_comes_back_and_a_page_that_is_gone_goes(site):
    (site / "_build/html").rename(site / "_build/.html-old")
    (site / "book/_static/more.txt").touch()
    write(site, words="Second", result=5)
    assert make(site, "html")[0]
    assert words(site) == "First"
    (site / "book/page.md").rename(site / "book/other.md")
    (site / "book/index.md").write_text("# A book\n\n```{toctree}\nother\n```\n", encoding="utf-8")
    (site / "book/other.md").write_text("# Other\n\nText.\n", encoding="utf-8")
    assert make(site, "html")[0] == 0
    assert not list((site / "_build/html").rglob("page.html"))
    assert not list((site / "_build/html").rglob("page.ipynb"))


# -- What the machine lacks -------------------------------------------------------------------------------------------

MOUNT = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs -o "$0" tmpfs _build && exec "$@"']


def mountable():
    """True if this user may mount a small disk in a namespace of its own."""
    try:
        return (
            subprocess.run([*MOUNT[:3], "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode == 0
        )
    except OSError:
        return False


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, record_property):
    root = book(tmp_path, page=RIGHT.format(words="First", result=4))
    (root / "_build").mkdir()
    if mountable():
        code, text = make(root, "html", before=[*MOUNT, "size=1m"])
        assert "The disk of " in text
        assert "MB left: make room, and call 'make html' again." in text
    else:  # no disk can be made small here: no file may become longer than 100 KiB instead
        record_property("instead", "a limit on the size of files, since this user may mount nothing")
        code, text = make(root, "html", before=["sh", "-c", 'ulimit -f 200 && exec "$@"', "sh"])
        assert "File too large" in text
    assert code
    assert "There is none from before." in text
    assert not (root / "_build/html").exists()


def test_a_build_folder_that_cannot_be_written_is_named(tmp_path, record_property):
    root = book(tmp_path, page="# Page\n\nText.\n")
    (root / "_build").mkdir(mode=0o555)
    if os.geteuid():
        code, text = make(root, "html")
    elif mountable():
        code, text = make(root, "html", before=[*MOUNT, "ro"])
    else:
        record_property("instead", "a folder in the place of the lock, since nothing is forbidden to root")
        (root / "_build/.lock").mkdir()
        code, text = make(root, "html")
    assert code
    assert f"Nothing can be written in {root}/_build" in text
    assert "make that folder writable, or remove it, and call 'make html' again" in text


def test_without_tex_the_pdf_says_what_to_install(tmp_path):
    code, text = make(book(tmp_path, page="# Page\n"), "pdf", "LATEX=")
    assert code
    assert "The PDF needs latexmk and LuaLaTeX or XeLaTeX, which are not here." in text
    assert "apt install latexmk texlive-luatex" in text


FAKE = f"""#!{shutil.which("sh")}
exec "{sys.executable}" -c "import sys; {{}}; sys.argv[1:] and exec(sys.argv[2])" "$@"
"""


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("sys.version_info, sys.version = (3, 9, 2), '3.9.2 (default)'",
         "This book needs Python 3.11 or newer; python3 is 3.9.2. Name another one: make PYTHON=python3.12"),
        ("sys.modules['ensurepip'] = None", "install its venv package (Debian and Ubuntu: apt install python3-venv)"),
        (None, "There is no python3 here. Install Python 3.11 or newer, or name yours: make PYTHON=python3.12"),
    ],
)  # fmt: skip
def test_a_python_that_will_not_do_is_told_before_anything_is_made(tmp_path, python, words):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "git", "awk"):
        (tools / tool).symlink_to(shutil.which(tool))
    if python:
        (tools / "python3").write_text(FAKE.format(python))
        (tools / "python3").chmod(0o755)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run([shutil.which("make"), "html"], cwd=tmp_path, env={"PATH": str(tools)}, capture_output=True)
    assert done.returncode
    assert words in (done.stdout + done.stderr).decode()
    assert not Path(tmp_path, ".venv").exists()
