"""Read the site as many readers at once would, from a plain static server: `make soak`; fails where a page is too slow.

A reader takes a page and all that it loads, over one connection after another. Another server of the same files can be
named: `python -m audit.soak http://127.0.0.1:8000/`.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

SITE = Path(__file__).parents[1] / "_build/html"
READERS, ROUNDS = 8, 20
BUDGET = (
    5.0  # seconds for a page and all that it loads, with all readers at once, on a machine that does other work too
)


class Loads(HTMLParser):
    """Collects what a page loads by itself, and the pages to which it leads."""

    def __init__(self):
        super().__init__()
        self.loaded, self.links = set(), set()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
        elif tag in {"script", "img", "source"} and given.get("src"):
            self.loaded.add(given["src"])
        elif tag == "link" and given.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loaded.add(given["href"])


@contextmanager
def server():
    """The address of the site behind Python's own static server, in a folder of a host."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", SITE.parent]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            port = process.stdout.readline().split(" port ")[1].split()[0]
            yield f"http://127.0.0.1:{port}/{SITE.name}/"
        finally:
            process.terminate()


def taken(address):
    """The body of an answer; an error unless it is 200, and in full."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise AssertionError(f"{address}: {answer.status}")
    return body


def own(base, page, names):
    """The addresses, on the site itself, of what a page names."""
    found = {urljoin(page, name).split("#")[0].split("?")[0] for name in names if not name.startswith("data:")}
    return {address for address in found if address.startswith(base)}


def crawl(base):
    """Each page that can be reached, with what it loads; every one of them must be there, as the file is."""
    pages, left, seen = {}, {f"{base}index.html"}, set()
    while left:
        page = left.pop()
        seen.add(page)
        body = taken(page)
        file = SITE / unquote(page.removeprefix(base))
        if body != file.read_bytes():
            raise AssertionError(f"{page} is not the file {file}")
        if page.endswith(".html"):
            reader = Loads()
            reader.feed(body.decode())
            pages[page] = own(base, page, reader.loaded)
            left |= (own(base, page, reader.links) | pages[page]) - seen
    return pages


def visit(page, loads):
    """How long a page and all that it loads took."""
    begun = time.perf_counter()
    for address in [page, *sorted(loads)]:
        taken(address)
    return page, time.perf_counter() - begun


def main(base):
    pages = crawl(base)
    work = list(pages.items()) * ROUNDS
    slowest, begun = {}, time.perf_counter()
    with ThreadPoolExecutor(READERS) as readers:
        for page, seconds in readers.map(lambda item: visit(*item), work):
            slowest[page] = max(seconds, slowest.get(page, 0.0))
    for page, seconds in sorted(slowest.items(), key=lambda item: -item[1])[:5]:
        print(f"  {page.removeprefix(base):40} {1000 * seconds:5.0f} ms at most")
    rate = len(work) / (time.perf_counter() - begun)
    print(
        f"{READERS} readers, {len(work)} visits of {len(pages)} pages with all they load: {rate:.0f} visits a second."
    )
    slow = [page for page, seconds in slowest.items() if seconds > BUDGET]
    if slow:
        sys.exit(f"Above the budget of {BUDGET} s: {', '.join(slow)}")
    print(f"None took more than the budget of {BUDGET} s, and every address on the site leads to its file.")


if __name__ == "__main__":
    if sys.argv[1:]:
        main(sys.argv[1])
    else:
        with server() as address:
            main(address)
