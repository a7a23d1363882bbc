"""Every page works in a browser: on a host and from disk, wide and narrow, light and dark, by mouse and by keyboard."""

import itertools
import re

import pytest

from .site import OPENED, PAGES, SITE, SOURCES

PROSE = [name for name in PAGES if '<span class="math">' in (SITE / name).read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", [*PAGES, *SOURCES])
def test_a_page_loads_without_complaint_and_fits_every_screen(page, base, name):
    page.goto(base + name)
    for width in (320, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(OPENED)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PROSE)
def test_formulas_are_drawn_in_the_books_own_font(page, base, name):
    page.goto(base + name)
    page.evaluate("document.fonts.ready")
    page.evaluate(OPENED)
    assert page.evaluate("[...document.fonts].some(f => f.family.includes('Book Math') && f.status == 'loaded')")
    boxes = page.evaluate("[...document.querySelectorAll('article math')].map(m => m.getBoundingClientRect().height)")
    assert boxes
    assert min(boxes) > 5


@pytest.mark.parametrize("name", PROSE)
def test_no_two_elements_share_an_id(page, base, name):
    page.goto(base + name)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert not {i for i in ids if ids.count(i) > 1}


def test_a_bracket_grows_with_its_matrix(page, base):
    page.goto(base + "jacobian.html")
    heights = """m => [...m.querySelectorAll('mo')].filter(o => '[]'.includes(o.textContent))
        .map(o => o.getBoundingClientRect().height)"""
    assert min(page.locator("#equation-eq-example math").evaluate(heights)) > 40


def test_a_line_of_text_holds_65_to_75_characters(page, base):
    page.goto(base + "summary.html")
    page.evaluate(OPENED)
    counts = page.evaluate("""[...document.querySelectorAll('article section > p')].flatMap(p => {
        const range = document.createRange(); range.selectNodeContents(p);
        const lines = new Set([...range.getClientRects()].map(r => Math.round(r.bottom / 12))).size;
        return lines > 2 ? [p.textContent.length / (lines - 0.4)] : [];
    })""")
    assert 60 <= sum(counts) / len(counts) <= 76


@pytest.mark.parametrize(
    ("words", "chapter"), [("pullback", "layers"), ("vector-Jacobian", "vjp"), ("Jacobian determinant", "volume")]
)
def test_search_finds_a_chapter_and_shows_where(page, base, words, chapter):
    page.goto(base + f"search.html?q={words}")
    page.wait_for_selector("#search-results li a")
    page.wait_for_load_state("networkidle")  # an excerpt is made when its page has come
    assert base.startswith("file:") or page.query_selector("#search-results p.context")
    links = page.query_selector_all("#search-results li a")
    assert f"{chapter}.html" in "".join(link.get_attribute("href") for link in links)


def test_who_comes_from_a_search_finds_its_words_marked(page, base):
    page.goto(base + "jacobian.html")
    assert page.locator("script[src*=doctools]").count() == 0
    page.keyboard.press("/")
    page.keyboard.type("pullback")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.click()
    page.wait_for_selector("span.highlighted")
    page.wait_for_url("**/glossary.html#term-pullback")
    page.get_by_text("Hide Search Matches").click()
    page.locator("span.highlighted").wait_for(state="detached")
    page.goto(base + "vjp.html")
    assert page.locator("script[src*=doctools]").count() == 0


def test_the_dark_mode_can_be_chosen_and_figures_follow(page, base):
    page.emulate_media(color_scheme="light")
    page.goto(base + "polar.html")
    ink = "getComputedStyle(document.querySelector('svg.figure')).color"
    before = page.evaluate(ink)
    page.evaluate("document.body.dataset.theme = 'dark'")
    assert page.evaluate(ink) != before
    assert sum(map(int, re.findall(r"\d+", page.evaluate(ink))[:3])) > 500


def test_a_displayed_formula_is_copied_as_latex_and_code_as_code(page, base):
    page.goto(base + "jacobian.html")
    page.locator("#equation-eq-partials").scroll_into_view_if_needed()
    page.locator("#equation-eq-partials button.copy").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Copied").wait_for()
    assert r"\frac{\partial f_1}{\partial x} &= 2x" in page.evaluate("navigator.clipboard.readText()")
    page.locator(".cell_input button.copy").nth(0).focus()
    page.keyboard.press("Enter")
    page.wait_for_function("navigator.clipboard.readText().then(t => t.startsWith('import numpy'))")
    assert "Copy" not in page.evaluate("navigator.clipboard.readText()")


def test_prompts_and_output_are_left_out_of_a_copy(page, base):
    page.goto(base + "jacobian.html")
    copied = page.evaluate("""() => {
        const pre = document.createElement('pre');
        pre.innerHTML = '<span class="gp">$ </span>make html\\n<span class="go">The book: here\\n</span>'
            + '<span class="gp">$ </span>make test\\n';
        return code(pre);
    }""")
    assert copied == "make html\nmake test\n"


def test_selected_text_is_copied_with_its_formulas_as_latex(page, base):
    page.goto(base + "jacobian.html")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('article section > p:not(.offer)'))")
    page.keyboard.press("Control+c")
    assert r"$f: \mathbb{R}^n \to \mathbb{R}^m$" in page.evaluate("navigator.clipboard.readText()")


def test_the_policy_allows_no_script_but_the_sites_own(chromium, base):
    page = chromium.new_page()
    page.goto(base + "index.html")
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert "default-src 'none'" in policy
    assert not re.search(r"script-src[^;]*('unsafe|https?:|\*)", policy)
    refused = page.evaluate("""() => new Promise(done => {
        document.addEventListener('securitypolicyviolation', e => done(e.violatedDirective));
        const script = document.createElement('script');
        script.src = 'data:text/javascript,0';
        document.body.append(script);
    })""")
    assert refused == "script-src-elem"
    page.close()


def test_the_keyboard_alone_reaches_what_it_must_and_shows_where_it_is(page, base):
    page.goto(base + "jacobian.html")
    page.keyboard.press("Tab")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        element = page.evaluate("""(e => [e.tagName, e.textContent.trim(), getComputedStyle(e).outlineStyle])(
            document.activeElement)""")
        seen.add(element[1])
        assert element[0] == "BODY" or element[2] != "none", element
    assert {"this chapter as a notebook", "Copy LaTeX", "ch216"} <= seen


def test_the_contents_open_by_keyboard_on_a_phone_and_are_skipped_while_closed(page, base):
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(base + "polar.html")
    link = page.locator(".sidebar-drawer a").nth(1)
    assert not link.is_visible()
    page.locator(".nav-overlay-icon [role=button]").focus()
    page.keyboard.press("Space")
    link.wait_for(state="visible")


def test_an_address_within_a_page_leads_there_and_not_nearby(page, base):
    page.goto(base + "layers.html#fig-layer-jacobians")
    page.wait_for_timeout(2000)  # the theme scrolls smoothly
    assert -5 <= page.locator("#fig-layer-jacobians").bounding_box()["y"] < 100


def test_what_is_folded_opens_by_keyboard_and_is_open_in_print(page, base):
    page.goto(base + "measured.html")
    folded = page.locator("details.folded").first
    table = folded.locator("table").first
    assert not table.is_visible()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    table.wait_for(state="visible")
    page.keyboard.press("Enter")
    page.emulate_media(media="print")
    assert table.is_visible()
    assert table.bounding_box()["height"] > 20


def test_an_aside_stands_beside_its_paragraph_where_there_is_room_and_under_it_elsewhere(page, base):
    page.goto(base + "polar.html")
    aside, paragraph = page.locator("aside.margin"), page.locator(".noted > p")
    for width, beside in ((1440, True), (768, False), (320, False)):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(OPENED)
        note, text = aside.bounding_box(), paragraph.bounding_box()
        assert (note["x"] >= text["x"] + text["width"]) is beside
        assert (note["y"] >= text["y"] + text["height"]) is not beside
        assert note["x"] + note["width"] <= width


def test_headings_go_down_one_level_at_a_time(page, base):
    for name in PAGES:
        page.goto(base + name)
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b <= a + 1 for a, b in itertools.pairwise(levels)), name


def test_each_page_says_what_it_is_in_words_of_its_own(page, base):
    told = {}
    for name in PAGES:
        page.goto(base + name)
        told[name] = page.locator("meta[name=description]").get_attribute("content")
        assert page.locator("meta[property='og:title']").get_attribute("content")
    assert len(set(told.values())) == len(told)
    assert all(len(text) > 20 for text in told.values())


def test_printing_leaves_out_what_paper_cannot_use(page, base):
    page.emulate_media(media="print")
    page.goto(base + "jacobian.html")
    assert page.locator(".sidebar-drawer, button.copy, .related-pages, .offer").evaluate_all(
        "all => all.every(e => getComputedStyle(e).display == 'none')"
    )


@pytest.mark.parametrize("base", ["served"], indirect=True)
def test_what_is_not_there_is_told_with_a_way_back(chromium, base):
    page = chromium.new_page()
    assert page.goto(f"{base}nowhere.html").status == 404
    assert page.get_by_role("heading", name="Page not found").is_visible()
    page.close()
