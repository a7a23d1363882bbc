"""The EPUB, mended and zipped again: what Sphinx leaves out for EPUBCheck, and the same bytes from the same commit."""

import os
import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

EARLIEST = 315532800  # a zip knows no time before 1980
MATHML = "http://www.w3.org/1998/Math/MathML"
ACCESS = "\n".join(
    f'    <meta property="schema:{name}">{value}</meta>'
    for name, value in [
        ("accessMode", "textual"),
        ("accessMode", "visual"),
        ("accessModeSufficient", "textual"),
        ("accessibilityFeature", "MathML"),
        ("accessibilityFeature", "alternativeText"),
        ("accessibilityFeature", "structuralNavigation"),
        ("accessibilityHazard", "none"),
        ("accessibilitySummary", "Formulas are MathML, and each figure has a text that describes it."),
    ]
)
STYLE = ("displaystyle", "scriptlevel")


def mend_formula(found):
    """A formula in MathML 3, which has the style of a fraction or a table in an ``mstyle`` around it."""
    ET.register_namespace("", MATHML)
    math = ET.fromstring(found[0])
    for parent in list(math.iter()):
        for place, child in enumerate(list(parent)):
            style = {name: child.attrib.pop(name) for name in STYLE if name in child.attrib}
            if style:
                parent[place] = ET.Element(f"{{{MATHML}}}mstyle", style)
                parent[place].append(child)
                parent[place].tail, child.tail = child.tail, None
    return ET.tostring(math, encoding="unicode")


def mend_page(text, language):
    """A page that says its language, asks for no style sheet that is not there, and outlines even a space."""
    text = re.sub(r"<html (?![^>]*lang=)", f'<html lang="{language}" xml:lang="{language}" ', text)
    text = re.sub(r"<math.*?</math>", mend_formula, text, flags=re.DOTALL)
    text = re.sub(r'<link [^>]*href="_static/mystnb[^>]*/>', "", text)
    return re.sub(r"<path(?![^>]*\sd=)", '<path d="M0 0"', text)


def mend_manifest(text, pages):
    """The manifest: which pages hold formulas or drawings, and how the book can be read."""

    def item(found):
        held = [name for name in ("mathml", "svg") if f"<{name.removesuffix('ml')}" in pages[found[2]]]
        return f'{found[1]} properties="{" ".join(held)}" />' if held else found[0]

    text = re.sub(r"\s*(<itemref [^>]*/>)(?=.*\1)", "", text, flags=re.DOTALL)  # Sphinx adds the index once more
    text = re.sub(r'(href="([^"]+\.xhtml)" media-type="[^"]+") />', item, text)
    return text.replace("</metadata>", f"{ACCESS}\n  </metadata>")


def finish(app, exception):
    """Rewrite the file: its members mended and in order, all at the time of the commit."""
    if exception or app.builder.name != "epub":
        return
    path = Path(app.outdir) / f"{app.config.epub_basename}.epub"
    with ZipFile(path) as old:
        members = {name: old.read(name) for name in sorted(old.namelist())}
    pages = {name: data.decode() for name, data in members.items() if name.endswith(".xhtml")}
    pages = {name: mend_page(text, app.config.language) for name, text in pages.items()}
    manifest = mend_manifest(members["content.opf"].decode(), pages)
    members |= {name: text.encode() for name, text in {**pages, "content.opf": manifest}.items()}
    seconds = max(int(os.environ.get("SOURCE_DATE_EPOCH", 0)), EARLIEST)
    with ZipFile(path, "w") as new:
        for name in sorted(members, key=lambda name: name != "mimetype"):  # first, and uncompressed
            info = ZipInfo(name, time.gmtime(seconds)[:6])
            info.compress_type = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            new.writestr(info, members[name])


def begin(app):
    """What the site alone has, a page for lost readers and a script, is no part of the EPUB."""
    if app.builder.name == "epub":
        app.config.html_additional_pages, app.config.html_js_files = {}, []


def setup(app):
    app.connect("builder-inited", begin, priority=100)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
