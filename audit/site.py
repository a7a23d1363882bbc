"""The built site and a browser to look at it with; a server that sends it as a host would, compressed."""

import gzip
import os
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
SITE = HERE.parent / "_build/html"
PAGES = sorted(path.name for path in SITE.glob("*.html"))
SOURCES = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("_modules/**/*.html"))
# The whole page at once: what is folded open, what is far from view laid out, and all that follows from it done.
OPENED = """async () => {
    document.querySelectorAll("details").forEach(folded => (folded.open = true));
    document.querySelectorAll("article section").forEach(far => (far.style.contentVisibility = "visible"));
    for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
}"""
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


class Handler(SimpleHTTPRequestHandler):
    """Sends files compressed, the 404 page for what is missing, and counts the bytes of each answer."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        status, path = (200, path) if path.is_file() else (404, SITE / "404.html")
        body = path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Cache-Control", "max-age=600")
        if path.suffix not in {".png", ".woff2", ".whl"}:
            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.sent.append((path.relative_to(SITE).as_posix(), len(body)))

    def log_message(self, *args):
        pass


@contextmanager
def served():
    """The site's address while it is served, and a growing list of (file, bytes sent)."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=SITE)) as server:
        server.sent = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", server.sent
        server.shutdown()


@contextmanager
def browser(**options):
    """Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "Chromium is not here: install it, or name it in the environment variable CHROMIUM."
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, **options)
        yield chromium
        chromium.close()
