import jinja2
import pytest

from nlpkit.reports.page import render_page
from tests.browser import WIDTHS, needs_browser, opened, overflow

PAGE = {"title": "<Norms> & gates, 게이트", "language": "en"}


def test_text_is_escaped():
    page = render_page("page.html", **PAGE)
    assert "<h1>&lt;Norms&gt; &amp; gates, 게이트</h1>" in page


def test_what_a_template_does_not_get_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="language"):
        render_page("page.html", title="Norms")


@needs_browser
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_fits_the_window_and_follows_its_colours(tmp_path, width, dark):
    path = tmp_path / "page.html"
    path.write_text(render_page("page.html", **PAGE), encoding="utf-8")
    with opened(path, width=width, dark=dark) as page:
        assert page.title() == PAGE["title"]
        assert overflow(page) <= 0
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert colour == ("rgb(22, 24, 27)" if dark else "rgb(255, 255, 255)")


@needs_browser
def test_the_browser_may_request_nothing(tmp_path):
    path = tmp_path / "page.html"
    page = render_page("page.html", **PAGE).replace("</main>", '<img src="a.png" alt=""></main>')
    path.write_text(page, encoding="utf-8")
    with pytest.raises(AssertionError, match="Content Security Policy"), opened(path):
        pass
