"""A page of the site in a browser, served and from disk; what it complains of is kept."""

import pytest

from .site import SITE, browser, served


@pytest.fixture(scope="session")
def chromium():
    with browser() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def host():
    with served() as (address, _):
        yield address


@pytest.fixture(scope="session", params=["served", "from disk"])
def base(request, host):
    """The address of the site: on a host, or in a folder."""
    return host if request.param == "served" else f"{SITE.as_uri()}/"


@pytest.fixture
def page(chromium, base):
    """An empty page; at the end it must have complained of nothing and asked nothing of another origin."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page, complaints = context.new_page(), []
    page.on("console", lambda message: message.type in {"error", "warning"} and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: request.url.startswith((base, "data:")) or complaints.append(request.url))
    yield page
    context.close()
    assert not complaints
