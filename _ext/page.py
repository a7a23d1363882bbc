"""What a page says of itself to search engines and to those who share it, and what it may load: its own files alone."""

import base64
import hashlib
import re
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from docutils import nodes

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
CHARSET = '<meta charset="utf-8">'
# Styles may stand inline: figures and formulas carry theirs. Scripts may not, but for those whose hashes are listed.
POLICY = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'"
)
MADE = {"404": "Page not found", "genindex": "Index", "search": "Search"}  # pages that Sphinx gives no title in time
MENDED = [  # faults from below the theme, which axe and Lighthouse find
    (r' aria-label="Toggle hidden content"', ""),  # MyST-NB: it hides the words of the summary
    (r'role="doc-biblioentry"', 'role="listitem"'),  # docutils: a list without items
    (r'<p class="caption" role="heading">', '<p class="caption">'),  # Sphinx: a heading without a level
    (
        r'<aside class="sidebar-drawer">',
        '<aside class="sidebar-drawer" aria-label="The book">',
    ),  # furo: two nameless asides
    (r'<aside class="(toc-drawer[^"]*)">', r'<aside class="\1" aria-label="This page">'),
    (r'<div id="search-results">', '<h1>Search</h1>\n<div id="search-results">'),  # furo: no heading
    (r'<meta name="viewport" content="width=device-width, initial-scale=1" />', ""),  # docutils: furo has one
    (r'<meta name="robots" content="noindex" ?/?>', ""),  # furo, on the search page
]


def describe(app, pagename, template, context, doctree):
    """Add the description and the OpenGraph data of a page."""
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
    for path in Path(app.outdir).rglob("*.html"):
        path.write_text(secured(path.read_text("utf-8")), "utf-8")
    if app.config.html_baseurl:
        pages = "".join(f"<url><loc>{escape(urljoin(app.config.html_baseurl, f'{name}.html'))}</loc></url>\n"
                        for name in sorted(app.env.all_docs))  # fmt: skip
        text = f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{SITEMAP}">\n{pages}</urlset>\n'
        Path(app.outdir, "sitemap.xml").write_text(text, "utf-8")


def secured(html):
    """A page without the faults from below its theme, and with a policy that lists the scripts it has inline.

    >>> "script-src 'self' 'sha256-" in secured('<meta charset="utf-8"><script>a()</script>')
    True
    """
    for fault, mended in MENDED:
        html = re.sub(fault, mended, html)
    html = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", html)
    scripts = sorted(set(re.findall(r"<script>(.*?)</script>", html, re.DOTALL)))
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    policy = POLICY.format(hashes="".join(f" 'sha256-{digest}'" for digest in digests))
    return html.replace(CHARSET, f'{CHARSET}<meta http-equiv="Content-Security-Policy" content="{policy}">', 1)


def setup(app):
    app.connect("html-page-context", describe)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
