"""What a page may load: its own files alone. And the faults of a page that come from below its theme, mended."""

import base64
import hashlib
import re

CHARSET = '<meta charset="utf-8">'
# Styles may stand inline: figures and formulas carry theirs. Scripts may not, but for those whose hashes are listed.
POLICY = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'"
)
MENDED = [  # faults from below the theme, which axe and Lighthouse find
    (r' aria-label="Toggle hidden content"', ""),  # MyST-NB: it hides the words of the summary
    (r'role="doc-biblioentry"', 'role="listitem"'),  # docutils: a list without items
    (r'<p class="caption" role="heading">', '<p class="caption">'),  # Sphinx: a heading without a level
    (
        r'<aside class="sidebar-drawer">',
        '<aside class="sidebar-drawer" aria-label="The book">',
    ),  # furo: two nameless asides
    (r'<aside class="(toc-drawer[^"]*)">', r'<aside class="\1" aria-label="This page">'),
    (r'<a class="(reference \w+)"([^>]*><code)', r'<a class="\1 named"\2'),  # ours: whose underline goes below its own
    (r"(?<=\w)\.(?=[\w.]+(?: \w+)*\)</a>)", ".<wbr>"),  # Sphinx: names in the index, broken anywhere on a phone
    (r'<meta name="viewport" content="width=device-width, initial-scale=1" />', ""),  # docutils: furo has one
    (r'<meta name="robots" content="noindex" ?/?>', ""),  # furo, on the search page
]


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
