"""Which addresses of another origin a file of the site would ask for, by itself: links in the text are the reader's."""

import re
from html.parser import HTMLParser

ADDRESS = re.compile(r"(?:https?:|wss?:|ftp:)?//[\w-]+(?:\.[\w-]+)+[^\s\"')]*")
NAMES = "http://www.w3.org/"  # of namespaces, which nothing asks for
COMMENTS = re.compile(r"/\*.*?\*/|^\s*//.*?$|(?<=[;{}])\s*//\s.*?$", re.S | re.M)
SAID = {"og:url", "og:image"}  # this site's own address, for those who share a page


class Attributes(HTMLParser):
    """Collects the addresses in the attributes of a page, but for links, and in its scripts and styles."""

    def __init__(self):
        super().__init__()
        self.found, self.inside = [], ""

    def handle_starttag(self, tag, attributes):
        self.inside = tag
        given = dict(attributes)
        if tag != "a" and given.get("property") not in SAID and given.get("rel") != "canonical":
            self.found += [a for name, value in attributes if name != "alt" for a in addresses(value or "")]

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside in {"script", "style"}:
            self.found += addresses(COMMENTS.sub("", data))


def addresses(text):
    return [address for address in ADDRESS.findall(text) if not address.startswith(NAMES)]


def foreign(suffix, text):
    """The addresses that a file of this kind would ask for.

    >>> foreign(".html", '<a href="https://a.example/">there</a><img src="//b.example/x.png">')
    ['//b.example/x.png']
    """
    if suffix != ".html":
        return addresses(COMMENTS.sub("", text))
    page = Attributes()
    page.feed(text)
    return page.found
