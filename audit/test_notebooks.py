"""Each notebook of the site runs from top to bottom in a fresh environment, and prints what the book prints."""

import shutil
import subprocess
import venv

import nbformat
import pytest

from _ext.results import same_output

from .site import SITE

NOTEBOOKS = sorted(path.name for path in (SITE / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A folder with what a reader saves, and an environment that has Jupyter's engine alone."""
    home = tmp_path_factory.mktemp("reader")
    shutil.copytree(SITE / "notebooks", home, dirs_exist_ok=True)
    venv.create(home / ".venv", with_pip=True)
    subprocess.run([home / ".venv/bin/pip", "install", "--quiet", "nbclient", "ipykernel"], check=True)
    return home


def printed(book):
    """What the code cells of a notebook print, less what pip says."""
    for cell in book.cells:
        if cell.cell_type == "code" and not cell.source.startswith("%pip"):
            yield cell.source, "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_every_chapter_with_code_has_its_notebook():
    assert NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_prints_what_the_book_prints(fresh, name):
    command = [fresh / ".venv/bin/jupyter", "execute", "--inplace", "--timeout=300", name]
    done = subprocess.run(command, cwd=fresh, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told, ran = (list(printed(nbformat.read(home / name, 4))) for home in (SITE / "notebooks", fresh))
    assert len(told) == len(ran) > 0
    for (source, want), (_, got) in zip(told, ran, strict=True):
        assert same_output(want, got), f"{source}\nprinted\n{got}\nrather than\n{want}"
