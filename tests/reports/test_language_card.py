import ast
import json
import re
import shlex
from pathlib import Path

import pytest

from nlpkit.reports.language_card import language_card

METRICS = {
    "task": "next-word",
    "data": "/home/someone/war_and_peace.txt",
    "form": "running text",
    "examples": {"train": 12000, "validation": 700, "test": 1300},
    "characters": {"train": 2700000, "validation": 160000, "test": 320000},
    "tokens": {"train": 600000, "validation": 35000, "test": 70000},
    "vocabulary": 18000,
    "kind": "words",
    "test": {
        "perplexity": 125.0,
        "top1": 0.21,
        "top3": 0.34,
        "tokens": 70000,
        "out_of_vocabulary": 0.0312,
    },
    "baseline": {"name": "kneser-ney-5", "perplexity": 156.25, "top1": 0.19, "top3": 0.31},
    "parameters": 5200000,
    "seconds": {"train": 1061.2, "total": 1180.4},
    "peak_memory_mb": 1500.5,
    "cell": "lstm",
    "seed": 3,
    "versions": {"nlpkit": "0.1", "tensorflow": "2.21.0"},
}
CONFIG = {
    "data": "/home/someone/war_and_peace.txt",
    "test_data": Path("someone/test.txt"),
    "valid_data": None,
    "units": 256,
}
FORMS = ("topics", "lines", "running text", "pre-tokenised")
KINDS = ("words", "spaces", "subwords")


def card(*, test=None, baseline=None, config=CONFIG, format_version=1, example=None, **metrics):
    changed = {
        **METRICS,
        "test": {**METRICS["test"], **(test or {})},
        "baseline": {**METRICS["baseline"], **(baseline or {})},
        **metrics,
    }
    return language_card(changed, config, format_version=format_version, example=example)


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    "line",
    [
        "| split | passages | characters | tokens |",
        "| train | 12,000 | 2,700,000 | 600,000 |",
        "| test | 1,300 | 320,000 | 70,000 |",
        "|  | this model | kneser-ney-5 |",
        "| perplexity | 125.00 | 156.25 |",
        "| recall of the first suggestion | 21.00% | 19.00% |",
        "| recall of the first three suggestions | 34.00% | 31.00% |",
        "| `units` | 256 |",
        "| `data` | war\\_and\\_peace.txt |",
        "| `test_data` | test.txt |",
        "| `valid_data` | – |",
        "* tensorflow 2.21.0",
        "Trained in 1061 s (1180 s in all) with at most 1,500 MB of memory, by",
        "`nlpkit next-word --config config.json --out ../again`.",
        "nlpkit evaluate saved_model --data text.txt",
        'nlpkit predict saved_model "This is the" --generate 20',
    ],
)
def test_the_card_has_the_line(line):
    assert line in card().splitlines()


@pytest.mark.parametrize(
    ("vectors", "start"),
    [(None, "scratch"), ("/home/someone/wiki.vec", "the word vectors in `wiki.vec`")],
)
def test_what_the_training_started_from_is_told(vectors, start):
    text = card(config={**CONFIG, "vectors": vectors})
    assert f"was trained by nlpkit 0.1, from {start}. It" in " ".join(text.split())
    assert "someone" not in text


def test_no_folder_of_the_machine_is_told():
    assert "someone" not in card()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_every_placeholder_is_filled_and_no_line_is_long(form, kind):
    text = card(form=form, kind=kind)
    assert not re.search(r"\$(?!PWD)", text)
    assert all(len(line) <= 120 for line in text.splitlines())
    assert text.endswith("\n") and not text.endswith("\n\n")


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_token_is_depends_on_the_kind(kind):
    text = card(kind=kind)
    assert ("beam search" in text) == (kind == "subwords")
    assert ("or a punctuation mark" in text) == (kind == "words")


@pytest.mark.parametrize(
    ("perplexity", "sentence"),
    [
        (125.0, "This model beats the baseline: its perplexity is 20.0% lower."),
        (187.5, "This model loses to the baseline: its perplexity is 20.0% higher."),
        (156.26, "This model and the baseline have the same perplexity."),
    ],
)
def test_one_sentence_says_which_of_the_two_is_better(perplexity, sentence):
    assert sentence in card(test={"perplexity": perplexity}).splitlines()


@pytest.mark.parametrize(
    ("top3", "message"),
    [
        (0.34, "more often among its first three suggestions, by 3.00 percentage points."),
        (0.30, "less often among its first three suggestions, by 1.00 percentage points."),
        (0.31001, "among the first three suggestions of both equally often."),
    ],
)
def test_one_sentence_says_which_of_the_two_suggests_better(top3, message):
    assert f"The next word is {message}" in card(test={"top3": top3}).splitlines()


@pytest.mark.parametrize(
    ("kind", "tokens", "asked", "points"),
    [("words", 9_996, "9,996", "0.5"), ("spaces", 96, "96", "4.8")]
    + [("subwords", 96, "96", "4.8"), ("subwords", 70_000, "5,000", "0.7")],
)
def test_a_recall_measured_at_few_positions_is_told_with_its_standard_error(
    kind, tokens, asked, points
):
    text = card(kind=kind, test={"tokens": tokens})
    message = f"Measured at {asked} positions at most, that recall has a standard error of at least"
    assert f"{message} {points} percentage points." in text


def test_a_large_test_split_is_told_without_it():
    assert "standard error" not in card()


@pytest.mark.parametrize(
    ("used", "message"),
    [({}, "all"), ({"tokens": 600_000}, "all"), ({"tokens": 90_000}, "90,000 tokens")],
)
def test_a_baseline_that_learnt_from_less_says_so(used, message):
    assert f"learnt from {message} of the same training split" in card(baseline=used)


def test_the_fraction_of_unknown_words_is_told():
    assert "Of the test split's words 3.12% are not in the vocabulary" in card()
    assert "split's tokens 3.12% are such characters." in card(kind="subwords")


@pytest.mark.parametrize(("kind", "most"), [("words", "20,000"), ("subwords", "5,000")])
def test_it_is_told_at_how_many_words_recall_was_measured(kind, most):
    assert f"were suggested, at {most} evenly spaced positions\nat most." in card(kind=kind)


def test_it_is_told_that_a_model_of_pieces_is_served_piece_by_piece():
    message = "`serving_default` suggests the next token, which may be a piece of a word."
    assert message in card(kind="subwords") and message not in card()


def test_variants_stand_between_the_model_and_the_baseline():
    text = card(others={"with a cache": {"perplexity": 110.0}})
    assert "|  | this model | with a cache | kneser-ney-5 |" in text
    assert "| perplexity | 125.00 | 110.00 | 156.25 |" in text
    assert "| recall of the first suggestion | 21.00% | – | 19.00% |" in text


def test_a_model_of_pieces_has_a_perplexity_of_words_too():
    by_word = {"word_perplexity": 3000.5}
    text = card(kind="subwords", test=by_word, baseline={"word_perplexity": 4000.0})
    assert "| perplexity of tokens | 125.00 | 156.25 |" in text
    assert "| perplexity of words | 3,000.50 | 4,000.00 |" in text


def test_the_format_version_is_named():
    assert "artefact format version 7." in card(format_version=7)


def test_the_python_lines_are_python_and_ten_at_most_without_nlpkit():
    for code in blocks(card(), "python"):
        ast.parse(code)
        assert len(code.splitlines()) <= 10
        assert "nlpkit" not in code


def test_the_requests_to_tensorflow_serving_are_json_for_the_signatures_inputs():
    lines = "\n".join(blocks(card(example="the"), "sh")[1:])
    commands = [shlex.split(line) for line in re.findall(r"curl [^']*'[^']*'", lines)]
    rows, columns, generate = (json.loads(command[-1]) for command in commands)
    assert rows == {"instances": ["the", ""]}
    assert columns == {"inputs": {"text": ["the", ""]}}
    assert generate["signature_name"] == "generate"
    assert set(generate["inputs"]) == {"text", "length", "temperature", "top_k", "top_p", "seed"}
    assert {command[1] for command in commands} == {
        "http://localhost:8501/v1/models/next-word:predict"
    }


def test_where_words_are_not_written_apart_the_card_says_why_it_has_no_figures_of_words():
    bits = {"bits_per_character": 3.25}
    text = card(kind="subwords", test=bits, baseline={"bits_per_character": 4.0})
    assert "no spaces between words, so there are no metrics of whole words" in text
    assert "| bits per character | 3.250 | 4.000 |" in text
    assert "perplexity of words" not in text and "beam search" not in text
    assert "The next token is more often" in text and "fraction of tokens" in text


def test_the_card_says_what_was_left_out_around_a_book():
    message = "The header and licence of Project Gutenberg, 19,000 characters, were left out."
    assert message in card(left_out=19_000) and "Gutenberg" not in card()
