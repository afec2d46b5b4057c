"""Pages in a real browser: Debian's Chromium, driven by Playwright, which asks no other site."""

import contextlib
import shutil

import playwright.sync_api
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
WIDTHS = {"wide": 1280, "narrow": 390}
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
          "--disable-background-networking", "--disable-component-update",
          "--disable-sync")  # fmt: skip

needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium (Debian's package is called chromium)"
)


@contextlib.contextmanager
def opened(place, *, width=WIDTHS["wide"], dark=False, errors_allowed=False):
    """Opens a file or an address in a new browser.

    On leaving, there must have been no error, and no request but to the file or to the address.
    """
    url = place if isinstance(place, str) else place.as_uri()
    errors, requests = [], []
    with playwright.sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        scheme = "dark" if dark else "light"
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(url)
        yield page
        browser.close()
    assert errors_allowed or not errors, errors
    foreign = [asked for asked in requests if not asked.startswith(("data:", url))]
    assert not foreign, foreign


def overflow(page):
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
