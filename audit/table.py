"""Page by page: Lighthouse's four numbers, what axe finds, bytes, foreign requests; fails where one is wrong.

Performance depends on the machine and its load: below 100 it is measured five times, and the median stands.
"""

import json
import os
import statistics
import subprocess
import sys

from .site import CHROMIUM, HERE, PAGES, browser, served

CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
FORMS = {"mobile": [], "desktop": ["--preset=desktop"]}
FIRST, SECOND = 180, 60  # KiB compressed, on a first visit and on a second page
AXE = (HERE / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def lighthouse(url, form):
    """Lighthouse's four numbers for a page, of 100."""
    command = [HERE / "node_modules/.bin/lighthouse", url, "--output=json", "--quiet", *FORMS[form],
               "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage"]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, check=True, text=True, env=os.environ | {"CHROME_PATH": CHROMIUM}
    )
    return [round(100 * json.loads(done.stdout)["categories"][name]["score"]) for name in CATEGORIES]


def steady(url, form):
    """The same, with the median of five where the machine's speed kept performance below 100."""
    runs = [lighthouse(url, form)]
    while runs[0][0] < 100 and len(runs) < 5:
        runs.append(lighthouse(url, form))
    return [int(statistics.median(numbers)) for numbers in zip(*runs, strict=True)]


def faults(chromium, url):
    """What axe finds on a page, in light and dark, wide and narrow."""
    found = set()
    for scheme in ("light", "dark"):
        for width in (1280, 320):
            page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            page.goto(url)
            page.evaluate(AXE)
            found |= {rule["id"] for rule in page.evaluate("axe.run()")["violations"]}
            page.close()
    return found


def visit(chromium, base, name, sent):
    """KiB of a page on a first visit and after another page, and the requests that left the site."""
    foreign, weights = [], []
    for before in ([], ["jacobian.html" if name != "jacobian.html" else "polar.html"]):
        context = chromium.new_context()
        context.on("request", lambda request: request.url.startswith((base, "data:")) or foreign.append(request.url))
        page = context.new_page()
        for target in [*before, name]:
            sent.clear()
            page.goto(base + target, wait_until="networkidle")
        weights.append(sum(size for _, size in sent) / 1024)
        context.close()
    return weights, foreign


def main(pages):
    wrong = []
    print(f"{'page':22} {'mobile':>15} {'desktop':>15}  axe  first second KiB  foreign")
    with served() as (base, sent), browser() as chromium:
        for name in pages:
            scores = {form: steady(base + name, form) for form in FORMS}
            found, ((first, second), foreign) = faults(chromium, base + name), visit(chromium, base, name, sent)
            cells = " ".join(f"{' '.join(map(str, scores[form])):>15}" for form in FORMS)
            print(f"{name:22} {cells}  {len(found):3}  {first:5.0f} {second:6.0f}      {len(foreign):7}", flush=True)
            if min(map(min, scores.values())) < 100 or found or foreign or first > FIRST or second > SECOND:
                wrong.append(f"{name}: {scores} {sorted(found)} {foreign}")
    sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:] or PAGES)
