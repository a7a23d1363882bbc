"""What a page says of itself to search engines and to those who share it, and how it loads."""

import re
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from docutils import nodes

from _ext.policy import secured
from _ext.styles import styled

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Not from disk, where a page may not ask for a font in this way.
PRELOAD = """<script>location.protocol == "file:" || document.head.append(Object.assign(document.createElement("link"),
{rel: "preload", href: "%s", as: "font", type: "font/woff2", crossOrigin: ""}))</script>"""
MARKING = ("/documentation_options.js", "/doctools.js", "/sphinx_highlight.js")  # book.js asks for them after a search
MADE = {"404": "Page not found", "genindex": "Index", "search": "Search"}  # pages that Sphinx gives no title in time


def describe(app, pagename, template, context, doctree):
    """Add the description and the OpenGraph data of a page."""
    if app.builder.name != "html":
        return
    base, title = app.config.html_baseurl, MADE.get(pagename) or re.sub(r"<.*?>", "", context.get("title", pagename))
    description = summary(doctree) if doctree else f"{title}, in the book {app.config.project}"
    data = {
        "og:title": title,
        "og:type": "website" if pagename == app.config.root_doc else "article",
        "og:site_name": app.config.project,
        "og:description": description,
    }
    if base:
        data |= {"og:url": context["pageurl"], "og:image": urljoin(base, "_static/page.png")}
    tags = [f'<meta name="description" content="{escape(description)}">']
    tags += [f'<meta property="{name}" content="{escape(value)}">' for name, value in data.items()]
    if pagename == "404" and base:  # it is served in place of a page of any depth
        tags.insert(0, f'<base href="{urlsplit(base).path or "/"}">')
    if '<span class="math">' in context.get("body", ""):  # else the text moves when the font comes
        tags.append(PRELOAD % context["pathto"]("_static/stix-two-math.woff2", 1))
    if pagename != "search":  # whose own scripts do not wait for these
        context["script_files"] = [
            type(js)(js.filename, priority=js.priority, **js.attributes | {"defer": "defer"})
            for js in context["script_files"]
            if not str(js.filename).endswith(MARKING)
        ]
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)


def summary(doctree, enough=90):
    """The first sentences of a page that hold no formula."""
    text = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section | nodes.document):
            continue
        words = "".join("\0" if isinstance(node, nodes.math) else node.astext() for node in paragraph.children)
        for sentence in re.split(r"(?<=[.?!])\s+", words):
            if "\0" not in sentence and len(text) < enough:
                text = f"{text} {' '.join(sentence.split())}".strip()
        if len(text) >= enough:
            break
    return text


def finish(app, exception):
    """Mend each page of the finished site, and give it its policy; list the pages for search engines."""
    if exception or app.builder.name != "html":
        return
    root = Path(app.outdir).resolve()
    for path in root.rglob("*.html"):
        path.write_text(styled(secured(path.read_text("utf-8")), path, root), "utf-8")
    if app.config.html_baseurl:
        pages = "".join(f"<url><loc>{escape(urljoin(app.config.html_baseurl, f'{name}.html'))}</loc></url>\n"
                        for name in sorted(app.env.all_docs))  # fmt: skip
        text = f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{SITEMAP}">\n{pages}</urlset>\n'
        Path(app.outdir, "sitemap.xml").write_text(text, "utf-8")


def setup(app):
    app.connect("html-page-context", describe)
    app.connect("build-finished", finish, priority=900)  # furo has then added the dark ground of code
    return {"parallel_read_safe": True, "parallel_write_safe": True}
