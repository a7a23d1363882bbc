"""The styles of a page, in the page: of all that its style sheets say, what can apply to it, and nothing to wait for.

A theme's sheets serve every site. A rule whose names stand neither in the page nor in a script of the site applies to
nothing there, and is left out; what is left is a quarter of the whole, and spares each page five requests.
"""

import re
from functools import cache

LINK = re.compile(r'\s*<link rel="stylesheet" type="text/css" href="((?!https?:)[^"?]*)[^"]*" />')
STYLE = re.compile(r'\s*<style data-of="([^"]*)">.*?</style>', re.DOTALL)
STRING = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
SPACE = re.compile(rf"({STRING})|/\*.*?\*/|\s+", re.DOTALL)
HEAD = re.compile(rf"((?:{STRING}|[^\"'{{}};])*)([{{}};]|$)", re.DOTALL)
NESTED = ("@media", "@supports")
PROPERTY = re.compile(rf"(?<=[{{;]) ?(--[\w-]+) ?:((?:{STRING}|[^\"';{{}}])*)(;|(?=}}))")
LEAN = [  # what is written around words, and no style asks for
    (r'<span class="[npw]">([^<]*|<span class="pre">[^<]*</span>)</span>', r"\1"),  # names, brackets, spaces of code
    (r'<em class="sig-param">(.*?)</em>', r"\1"),
    (r"<pre><span></span>", "<pre>"),
    (r"<wbr/>", "<wbr>"),  # of the EPUB
    (r'(?<=class="cell)(\w*) docutils container"', r'\1"'),
    (r'(?<=class=")docutils (?=literal)', ""),
]


def rules(css):
    """The rules of a style sheet, each as what stands before its braces, and in them: a string, or rules again.

    >>> rules("a,b{c:d}@media print{a{e:f}}")
    [('a,b', 'c:d'), ('@media print', [('a', 'e:f')])]
    """
    found, at = [], 0
    while at < len(css):
        head = HEAD.match(css, at)
        at, depth = head.end(), head[2] == "{"
        while depth:
            inner = HEAD.match(css, at)
            at, depth = inner.end(), depth + {"{": 1, "}": -1}.get(inner[2], 0)
        name, body = head[1].strip(), css[head.end() : at - 1].strip()
        if head[2] == "{":
            found.append((name, rules(body) if name.startswith(NESTED) else body))
    return found


def can_apply(selector, names):
    """True unless the selector asks for a class, an id or an element that is not among ``names``.

    >>> can_apply("div.a:not(.b) > p::before", {"div", "a", "p"}), can_apply("div.a#c", {"div", "a"})
    (True, False)
    """
    while "(" in selector:  # what stands in :not() or :is() need not be there
        selector = re.sub(r"\([^()]*\)", "", selector)
    selector = re.sub(r"\[[^]]*\]|::?[\w-]+", "", selector)
    return names.issuperset(re.findall(r"[\w-]+", selector))


def kept(found, names):
    """The rules that can apply where there are these names, as text."""
    text = ""
    for head, body in found:
        if isinstance(body, list):
            inner = kept(body, names)
            text += f"{head}{{{inner}}}" if inner else ""
        elif head.startswith("@"):
            text += f"{head}{{{body}}}"
        elif selectors := [s for s in re.split(r",(?![^(]*\))", head) if can_apply(s, names)]:
            text += f"{','.join(map(str.strip, selectors))}{{{body}}}"
    return text


def spared(css, said):
    """The styles without the properties of their own that neither they nor the texts ``said`` ask for.

    >>> spared("a{--b:1;c:var(--d)}e{--d:var(--f)}", "")
    'a{c:var(--d)}e{--d:var(--f)}'
    """
    asked = set(re.findall(r"--[\w-]+", PROPERTY.sub(r"\2", css) + said))
    less = PROPERTY.sub(lambda found: found[0] if found[1] in asked else "", css)
    return css if less == css else spared(less, said)


@cache
def sheet(path):
    """The rules of a file, without comments, its own addresses beginning with ``@@``, the folder of the file."""
    css = SPACE.sub(lambda part: part[1] or " ", path.read_text("utf-8"))
    return rules(re.sub(r"url\((?![\"']?(?:data:|#))([\"']?)", r"url(\1@@", css))


def named(html):
    """The elements, classes and ids of a page."""
    values = re.findall(r'\b(?:class|id)="([^"]*)"', html)
    return set(re.findall(r"<([a-z][\w-]*)", html)).union(*map(str.split, values))


@cache
def spoken(folder):
    """The words of the strings in the scripts of a folder: what they may put into a page or mark in it."""
    scripts = (path.read_text("utf-8") for path in sorted(folder.rglob("*.js")) if "searchindex" not in path.name)
    strings = (part for script in scripts for part in re.findall(rf"{STRING}|`[^`]*`", script))
    return {word for part in strings for word in re.findall(r"[\w-]+", part)}


def styled(html, path, root):
    """The page at ``path`` of the site in ``root`` with its styles inside; of one that has them, made again."""
    before = STYLE.search(html)
    sheets = before[1].split() if before else LINK.findall(html)
    html = LINK.sub("", STYLE.sub("", html))
    for wrapped, bare in LEAN:
        html = re.sub(wrapped, bare, html)
    names, css = named(html) | spoken(root / "_static"), ""
    for href in sheets:
        css += kept(sheet((path.parent / href).resolve()), names).replace("@@", href.rpartition("/")[0] + "/")
    style = f'<style data-of="{" ".join(sheets)}">{spared(css, f"{html} {names}")}</style>'
    return html.replace("</title>", f"</title>\n{style}", 1) if sheets else html
