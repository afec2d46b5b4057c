"""Pages in a real browser: Debian's Chromium, driven by Playwright, without a network."""

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
def opened(path, *, width=WIDTHS["wide"], dark=False):
    """Opens a file in a new browser. On leaving, there must have been no error and no request."""
    errors, requests = [], []
    with playwright.sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        scheme = "dark" if dark else "light"
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        yield page
        browser.close()
    assert not errors, errors
    asked = [url for url in requests if not url.startswith("data:")]
    assert asked == [path.as_uri()], asked


def overflow(page):
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
