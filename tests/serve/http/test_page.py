"""The page to try models on, in a real browser."""

import pytest

from nlpkit.serve.http.page import page
from tests.browser import WIDTHS, needs_browser, opened, overflow

LONG = 20_000  # milliseconds that a busy machine may take


def section(view, name):
    """The part of the page that is a model's."""
    return view.locator("section", has=view.get_by_role("heading", name=name, exact=True))


def settled(locator, text):
    """Waits until something holds a text."""
    locator.filter(has_text=text).first.wait_for(timeout=LONG)


def test_names_are_escaped(model):
    assert "<script>alert" not in page([("<script>alert(1)</script>", model)])


@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS.values(), ids=list(WIDTHS))
def test_the_score_follows_each_word(server, width):
    with opened(f"{server}/", width=width) as view:
        part = section(view, "classes")
        part.get_by_role("textbox").press_sequentially("a fine film")
        settled(part.get_by_role("list"), "film")
        words = part.get_by_role("listitem").all_inner_texts()
        assert [text.split()[0] for text in words] == ["a", "fine", "film"]
        assert "%" in part.locator(".answer").inner_text()
        values = part.locator("meter").evaluate_all("all => all.map(meter => meter.value)")
        assert sum(values) == pytest.approx(1, abs=1e-5)
        part.get_by_role("textbox").fill("")
        part.locator(".answer:empty").wait_for(state="attached", timeout=LONG)
        assert overflow(view) == 0


@needs_browser
@pytest.mark.slow
def test_tab_takes_a_suggestion_and_after_escape_leaves_the_field(server, language_model):
    with opened(f"{server}/", dark=True) as view:
        part = section(view, "words")
        field = part.get_by_role("textbox")
        field.press_sequentially("the cat")
        (known,) = language_model.predict(["the cat"])
        settled(part.locator(".answer"), f"next: {known['words'][0]}, {known['words'][1]}")
        field.press("Tab")
        assert field.input_value() == f"the cat {known['words'][0]}"
        (known,) = language_model.predict([field.input_value()])
        settled(part.locator(".answer"), f"next: {known['words'][0]}, {known['words'][1]}")
        before = field.input_value()
        field.press("Alt+2")
        assert field.input_value() == f"{before} {known['words'][1]}"
        field.press("Escape")
        field.press("Tab")
        assert view.evaluate("document.activeElement.tagName") != "TEXTAREA"


@needs_browser
@pytest.mark.slow
def test_korean_is_asked_for_while_a_syllable_is_composed(server):
    with opened(f"{server}/") as view:
        part = section(view, "classes")
        part.get_by_role("textbox").focus()
        method = view.context.new_cdp_session(view)
        for syllable in ("ㅈ", "저", "정"):
            at = {"selectionStart": 1, "selectionEnd": 1}
            method.send("Input.imeSetComposition", {"text": syllable, **at})
        settled(part.get_by_role("list"), "정")
        method.send("Input.insertText", {"text": "정말"})
        settled(part.get_by_role("list"), "정말")
        assert part.get_by_role("textbox").input_value() == "정말"


@needs_browser
@pytest.mark.slow
def test_a_server_that_is_gone_or_refuses_is_told(server):
    with opened(f"{server}/", errors_allowed=True) as view:
        part = section(view, "classes")
        part.get_by_role("textbox").fill("정말 " * 8_000)  # of 24,000 bytes, with its beginnings
        settled(part.get_by_role("list"), "정말")
        part.get_by_role("textbox").fill("a" * 200_000)
        settled(part.get_by_role("alert"), "A text may have 100,000 bytes at most")
        view.route("**/*", lambda route: route.abort())
        part.get_by_role("textbox").fill("a")
        settled(part.get_by_role("alert"), "The server does not answer.")
