"""The page: complete in itself, below 2 MB, and usable by mouse, by keys and without colours."""

import base64
import json
import re

import numpy as np
import pytest

from nlpkit.explain import Finding, Probe, Unit, write_explanations
from nlpkit.explain.explainer import LONGEST
from nlpkit.explain.page import explanation_page
from tests.browser import WIDTHS, needs_browser, opened, overflow
from tests.explain.cases import explanation

FOUND = Finding("the word “but”", Unit("both/forward", "c", 2), 0.5, 0.45, 1e-9)
PROBE = Probe(60, 12, (FOUND,), ("the position",), "an example")


def _data(page):
    return [
        json.loads(block)
        for block in re.findall(r'<script type="application/json">(.+?)</script>', page)
    ]


def _decoded(array):
    rounded = np.frombuffer(base64.b64decode(array["data"]), "<i2").reshape(len(array["units"]), -1)
    return rounded.T * array["step"]


def test_every_unit_of_a_short_text_is_there_as_it_was():
    made = explanation()
    (data,) = _data(explanation_page("m", "classifier", [made]))
    assert tuple(data["tokens"]) == made.tokens
    for layer, (path, trace) in zip(data["layers"], made.traces.items(), strict=True):
        assert layer["path"] == path
        for array, (name, values) in zip(layer["arrays"], trace.items(), strict=True):
            assert (array["name"], sorted(array["units"])) == (name, [0, 1, 2])
            kept = values[:, array["units"]]
            np.testing.assert_allclose(_decoded(array), kept, atol=np.abs(kept).max() / 60_000)
            mean = values.mean(axis=1)
            np.testing.assert_allclose(array["mean"]["values"], mean, rtol=1e-4)


def test_the_longest_texts_make_less_than_2_mb_and_keep_what_was_found():
    tokens = [f"tokens{number}" for number in range(LONGEST)]
    found = [
        FOUND._replace(unit=Unit("both/forward", name, unit))
        for name in "fc"
        for unit in range(777, 827)
    ]
    page = explanation_page(
        "m", "x", [explanation(tokens, units=1_000)], PROBE._replace(findings=tuple(found))
    )
    assert len(page.encode()) < 2_000_000
    (data,) = _data(page)
    for array in data["layers"][0]["arrays"]:
        assert {*range(777, 827)} <= {*array["units"]} and 60 < len(array["units"]) < 1_000


def test_numbers_are_a_table_too_and_text_is_escaped():
    page = explanation_page("m", "classifier", [explanation()], PROBE)
    assert page.count('<tr><th scope="row">') == 3 + 1
    assert '<th scope="row">&lt;/script&gt;</th>' in page
    assert page.count("</script>") == page.count("<script")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("explained")
    more = explanation(["the", "cast", "is", "great", "but"] * 30, units=5, seed=1)
    files = write_explanations(out, "run", "classifier", [explanation(), more], PROBE)
    assert sorted(files) == sorted(path.name for path in out.iterdir())
    return out


def test_pictures_are_written_beside_the_page(folder):
    pictures = sorted(path.name for path in folder.glob("*.png"))
    assert pictures == ["text_1.png", "text_1_layer_1.png", "text_1_layer_2.png",
                        "text_2.png", "text_2_layer_1.png", "text_2_layer_2.png",
                        "units.png"]  # fmt: skip
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in pictures)


@needs_browser
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_hovering_shows_the_gates_of_a_token(folder, width, dark):
    with opened(folder / "explain.html", width=width, dark=dark) as page:
        assert overflow(page) <= 0
        first = page.locator("#text1")
        first.locator(".tokens button").nth(2).hover()
        assert first.locator(".detail h3").inner_text() == "영화 (token 3 of 3)"
        assert first.locator(".detail tbody th").all_inner_texts() == [
            "f, forget gate", "c, cell state",
        ]  # fmt: skip
        assert "<good> 75.0 %" in first.locator(".detail").inner_text()
        assert overflow(page) <= 0


@needs_browser
def test_a_unit_that_is_picked_colours_the_text(folder):
    made = explanation()
    with opened(folder / "explain.html") as page:
        first = page.locator("#text1")
        assert first.locator("select.gate").input_value() == "f"
        first.locator("select.gate").select_option("c")
        first.locator("select.unit").select_option("1")
        values = made.traces["both/forward"]["c"][:, 1]
        shown = first.locator(".numbers td:last-child").evaluate_all(
            "cells => cells.map(cell => Number(cell.textContent))"
        )
        assert shown == pytest.approx(values, rel=0.01, abs=1e-3)
        colours = first.locator(".tokens button").evaluate_all(
            "buttons => buttons.map(b => b.style.background)"
        )
        hues = ["--high" if value > 0 else "--accent" for value in values]
        assert all(hue in colour for hue, colour in zip(hues, colours, strict=True))
        first.locator("select.by").select_option("attribution")
        assert "log-odds of <good>" in first.locator(".label").inner_text()
        first.locator(".detail td.words button").first.click()
        assert first.locator("select.by").input_value() == "gate"


@needs_browser
def test_keys_move_through_the_tokens_which_are_one_stop(folder):
    with opened(folder / "explain.html") as page:
        heading = page.locator("#text1 .detail h3")
        page.locator("#text1 select.unit").focus()
        for key, token in {
            "Tab": "no",
            "ArrowRight": "</script>",
            "End": "영화",
            "Home": "no",
        }.items():
            page.keyboard.press(key)
            assert heading.inner_text().startswith(token)
        page.keyboard.press("Tab")
        inside = "document.activeElement.closest('.tokens') !== null"
        assert not page.evaluate(inside)


@needs_browser
def test_a_unit_that_was_found_colours_every_text(folder):
    with opened(folder / "explain.html") as page:
        page.locator("#units button").click()
        for text in ("#text1", "#text2"):
            assert page.locator(f"{text} select.gate").input_value() == "c"
            assert page.locator(f"{text} select.unit").input_value() == "2"
