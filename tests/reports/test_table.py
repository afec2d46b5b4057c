import io
import math

import pytest
from rich.cells import cell_len

from nlpkit.reports.table import render, results

FIGURES = {
    "ours": {"accuracy": 0.8751, "macro_f1": 0.875, "log_loss": 0.3012, "ece": 0.0123},
    "TF-IDF + logistic regression": {"accuracy": 1.0, "macro_f1": 1.0, "log_loss": 15.9424},
}


NEXT_WORD = {"perplexity": 1161.5, "top1": 0.3125, "top3": 1.0, "tokens": 9}
TASKS = {
    "no figure": ({}, ["macro", "log", "accuracy", "F1", "loss", "ECE"], ["–"] * 4),
    "sentiment": (
        FIGURES["ours"],
        ["macro", "log", "accuracy", "F1", "loss", "ECE"],
        ["87.51%", "0.8750", "0.3012", "0.0123"],
    ),
    "next word": (
        NEXT_WORD,
        ["recall", "recall", "perplexity", "top", "1", "top", "3"],
        ["1,161.50", "31.25%", "100.00%"],
    ),
    "next piece": (
        {**NEXT_WORD, "word_perplexity": 98765.4321},
        ["perplexity", "perplexity", "recall", "recall"]
        + ["of", "pieces", "of", "words", "top", "1", "top", "3"],
        ["1,161.50", "98,765.43", "31.25%", "100.00%"],
    ),
}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_plain_text_has_every_figure_and_nothing_else():
    file = io.StringIO()
    render(FIGURES, file)
    above, header, ours, baseline = file.getvalue().splitlines()
    assert above.split() == ["macro", "log"]
    assert header.split() == ["accuracy", "F1", "loss", "ECE"]
    assert ours.split() == ["ours", "87.51%", "0.8750", "0.3012", "0.0123"]
    assert baseline.split()[-4:] == ["100.00%", "1.0000", "15.9424", "–"]
    assert "\x1b" not in file.getvalue()


@pytest.mark.parametrize("task", TASKS)
def test_the_columns_are_those_of_the_task(task):
    figures, header, numbers = TASKS[task]
    *above, ours = results({"ours": figures})
    assert " ".join(above).split() == header
    assert ours.split() == ["ours", *numbers]


def test_a_figure_of_one_model_makes_a_column_for_all():
    figures = {"n-gram": NEXT_WORD, "ours": {**NEXT_WORD, "word_perplexity": 20.0}}
    baseline, ours = results(figures)[2:]
    assert baseline.split() == ["n-gram", "1,161.50", "–", "31.25%", "100.00%"]
    assert ours.split() == ["ours", "1,161.50", "20.00", "31.25%", "100.00%"]


def test_a_terminal_gets_rules():
    file = Terminal()
    render(FIGURES, file)
    assert "─" in file.getvalue()


@pytest.mark.parametrize("columns", ["36", "40", "80"])
def test_a_terminal_gets_its_own_width(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    file = Terminal()
    render(FIGURES, file)
    assert file.getvalue().splitlines() == results(FIGURES, width=int(columns), rule=True)


NUMBERS = ["87.51%", "0.8750", "0.3012", "0.0123"]


@pytest.mark.parametrize("width", [32, 36, 40, 50, 80, 200])
@pytest.mark.parametrize(
    "name", ["ours", "tfidf-logistic-regression", "감성 분류기 모델", "[b]", "a - b", "x" * 90]
)
def test_no_number_is_cut_and_no_line_too_long(width, name):
    lines = results({name: FIGURES["ours"]}, width=width)
    assert all(cell_len(line) <= width for line in lines)
    (numbers,) = (line for line in lines if "87.51%" in line)
    assert numbers.split()[-4:] == NUMBERS
    names = [line.split("87.51%")[0] for line in lines[2:]]
    assert "".join("".join(names).split()) == "".join(name.split())


@pytest.mark.parametrize(
    ("name", "width", "names"),
    [
        ("tfidf-logistic-regression", 80, ["tfidf-logistic-regression"]),
        ("tfidf-logistic-regression", 46, ["tfidf-logistic-", "regression"]),
        ("감성 분류기 모델", 41, ["감성 분류기", "모델"]),
    ],
)
def test_names_wrap_at_spaces_and_hyphens_only(name, width, names):
    lines = results({name: FIGURES["ours"]}, width=width)[2:]
    assert [line.split("87.51%")[0].strip() for line in lines] == names


@pytest.mark.parametrize("width", [32, 36, 40])
def test_where_room_is_scarce_every_name_stands_above_its_figures(width):
    figures = {"ours": FIGURES["ours"], "tfidf-logistic-regression": FIGURES["ours"]}
    ours, first, baseline, second = results(figures, width=width)[2:]
    assert (ours, baseline) == tuple(figures)
    assert first.split() == second.split() == NUMBERS


def test_pieces_of_unspaced_text_have_bits_per_character():
    figures = {"perplexity": 9.0, "top1": 0.5, "top3": 0.5, "bits_per_character": 2.5}
    above, header, row = results({"ours": figures})
    assert above.split() == ["perplexity", "bits", "per", "piece", "in", "piece", "in"]
    assert row.split() == ["ours", "9.00", "2.500", "50.00%", "50.00%"]


@pytest.mark.parametrize(("figure", "shown"), [(9.99e8, "999,000,000.00"), (1e27, "1.00e+27")])
def test_a_huge_figure_does_not_break_the_table(figure, shown):
    *_, row = results({"ours": {"perplexity": figure, "word_perplexity": math.inf}})
    assert row.split()[1:3] == [shown, "inf"] and len(row) < 80
