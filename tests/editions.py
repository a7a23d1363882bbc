"""The site, the PDF and the EPUB say the same: read after `make html pdf epub`, by `make editions`."""

import re
import subprocess
import unicodedata
import zlib
from html import unescape
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest

from _ext.doctest_cells import printed
from tests.origins import foreign

BUILD = Path(__file__).parents[1] / "_build"
PDF, LOG, AUX = BUILD / "pdf/jacobians.pdf", BUILD / "latex/jacobians.log", BUILD / "latex/jacobians.aux"
NOTEBOOKS = {path.stem: nbformat.read(path, as_version=4) for path in sorted(BUILD.glob("jupyter_execute/*.ipynb"))}
CELLS = [
    pytest.param(name, cell, id=f"{name}-{cell.id}")
    for name, book in NOTEBOOKS.items()
    for cell in book.cells
    if "expected" in cell.metadata
]
HTML = {path.stem: path.read_text(encoding="utf-8") for path in BUILD.glob("html/*.html") if path.stem in NOTEBOOKS}
with ZipFile(BUILD / "epub/jacobians.epub") as book:
    MEMBERS = {name: book.read(name) for name in book.namelist()}
EPUB = {name: MEMBERS[f"{name}.xhtml"].decode() for name in NOTEBOOKS}


def squeezed(text):
    """The text without white space, ligatures, and the mark of a wrapped line."""
    return re.sub(r"[\s↪]", "", unicodedata.normalize("NFKC", text))


def words(html):
    """The text of a page or a part of it."""
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(script|style|svg|annotation)\b.*?</\1>", "", html, flags=re.S)))


def pdf_pages():
    """The text of each page of the PDF, without its running head."""
    raw = subprocess.run(["pdftotext", "-raw", PDF, "-"], capture_output=True, check=True, encoding="utf-8").stdout
    return [page.partition("\n")[2] for page in raw.split("\f")[:-1]]


PAGES = pdf_pages()
PRINTED = squeezed("".join(PAGES))
READ = {"html": {name: squeezed(words(page)) for name, page in HTML.items()}}
READ["epub"] = {name: squeezed(words(page)) for name, page in EPUB.items()}
READ["pdf"] = dict.fromkeys(NOTEBOOKS, PRINTED)
STREAMS = []
for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", PDF.read_bytes(), re.S):
    try:
        STREAMS.append(zlib.decompress(found[1]))
    except zlib.error:  # not compressed
        STREAMS.append(found[1])
UNPACKED = b"".join(STREAMS)


def captions(page):
    """The number and the words of each caption of a page: of figures, listings and tables."""
    found = re.findall(r'class="caption-number">(.*?)</span>(.*?)(?=<a class="headerlink"|</p>|</div>)', page, re.S)
    return [(squeezed(number), squeezed(words(caption))) for number, caption in found]


def equations(page):
    """The number of each equation of a page, by its name."""
    return dict(re.findall(r'id="equation-([\w-]+)".*?class="eqno">\((\d+)\)', page, re.S))


def test_every_chapter_is_in_every_edition():
    assert len(NOTEBOOKS) >= 4
    assert set(HTML) == set(EPUB) == set(NOTEBOOKS)
    assert len(CELLS) > 20


@pytest.mark.parametrize("edition", READ)
@pytest.mark.parametrize(("name", "cell"), CELLS)
def test_every_printed_result_stands_under_its_code(edition, name, cell):
    assert squeezed(cell.source + printed(cell)) in READ[edition][name]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_captions_agree_word_for_word(name):
    assert captions(HTML[name]) == captions(EPUB[name])
    for number, caption in captions(HTML[name]):
        in_print = f"{number}:{re.escape(caption)}".replace(",in", r"(,page\d+)?,in")
        assert re.search(in_print, PRINTED), in_print


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_equations_have_the_same_numbers(name):
    in_print = re.findall(rf"newlabel\{{equation:{name}:([\w-]+)\}}\{{\{{(\d+)\}}", AUX.read_text(encoding="utf-8"))
    assert equations(HTML[name]) == equations(EPUB[name]) == dict(in_print)


def test_each_edition_has_as_many_figures():
    drawn = [output for book in NOTEBOOKS.values() for output in outputs(book) if "application/pdf" in output]
    counts = {len(drawn), sum(page.count('<svg class="figure"') for page in HTML.values())}
    counts |= {sum(page.count('<svg class="figure"') for page in EPUB.values())}
    counts |= {len(re.findall(r"contentsline \{figure\}", AUX.read_text(encoding="utf-8")))}
    assert len(counts) == 1


def outputs(book):
    return [output.get("data", {}) for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_words_that_stand_for_a_figure_are_in_every_edition(name):
    spoken = re.sub(rb"\\(?:(\d{3})|([()\\]))", lambda part: part[2] or bytes([int(part[1], 8)]), UNPACKED)
    for output in outputs(NOTEBOOKS[name]):
        if "application/pdf" in output:
            alt = output["text/plain"]
            assert alt in unescape(HTML[name])
            assert alt in unescape(EPUB[name])
            assert alt.encode("utf-16-be") in spoken


def test_the_pdf_says_its_title_and_language_and_numbers_its_pages_as_printed():
    for said in [b"/Lang", b"/DisplayDocTitle true", b"/PageLabels", b"/Outlines"]:
        assert said in UNPACKED, said
    told = subprocess.run(["pdfinfo", PDF], capture_output=True, check=True, encoding="utf-8").stdout
    assert re.search(r"^Title: +The Jacobian$", told, re.M)


def test_no_page_is_empty_and_none_ends_with_a_heading():
    headings = {
        squeezed(words(h)).rstrip("#") for page in HTML.values() for h in re.findall(r"<h[234]>.*?</h", page, re.S)
    }
    for number, page in enumerate(PAGES):
        lines = [re.sub(r"^[\d.]+", "", squeezed(line)) for line in page.splitlines() if line.strip()]
        assert lines, f"page {number} is empty"
        assert lines[-1] not in headings, f"page {number} ends with a heading: {lines[-1]}"


def test_tex_complains_of_nothing_that_a_reader_would_see():
    log = LOG.read_text(encoding="utf-8", errors="replace").replace("\n", " ")
    too_wide = [float(points) for points in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt", log)]
    assert not [points for points in too_wide if points > 2]
    assert not re.findall(r"Missing character.{60}|Reference `[^']+' on page \S+ undefined|multiply defined", log)


def test_the_epub_is_well_formed_speaks_mathml_and_runs_nothing():
    assert next(iter(MEMBERS)) == "mimetype"
    assert [page.count("<math") for page in EPUB.values()] == [HTML[name].count("<math") for name in EPUB]
    assert not [name for name in MEMBERS if name.endswith(".js")]
    assert not [name for name, data in MEMBERS.items() if name.endswith(".xhtml") and b"<script" in data]
    assert all(b"lang=" in data for name, data in MEMBERS.items() if name.endswith(".xhtml"))


def test_no_file_of_the_site_asks_for_an_address_of_another_origin():
    texts = [path for path in (BUILD / "html").rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    assert len(texts) > 20
    assert not {path.name: asked for path in texts if (asked := foreign(path.suffix, path.read_text(encoding="utf-8")))}


def test_a_page_that_is_named_holds_what_it_is_named_for():
    """A label that stays behind where a page ends would name the page before."""
    labels = re.findall(
        r"\\newlabel\{\w+:(lst-[\w-]+|jacobians\.[\w.]+)\}\{\{([\d.]*)\}\{(\d+)\}", AUX.read_text("utf-8")
    )
    before = next(i for i, page in enumerate(PAGES) if squeezed(page).startswith("PartOne")) - 1
    assert len(labels) > 300
    for name, number, page in labels:
        sought = f"Listing{number}:" if name.startswith("lst-") else name.rpartition(".")[2]
        assert sought in squeezed(PAGES[before + int(page)]), f"{name} is not on page {page}"
