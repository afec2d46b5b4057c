import io
import math

import pytest
from rich.cells import cell_len

from nlpkit import tasks
from nlpkit.reports.table import columns, results

FIGURES = {
    "ours": {"accuracy": 0.8751, "macro_f1": 0.875, "log_loss": 0.3012, "ece": 0.0123},
    "TF-IDF + logistic regression": {"accuracy": 1.0, "macro_f1": 1.0, "log_loss": 15.9424},
}


NEXT_WORD = {"perplexity": 1161.5, "top1": 0.3125, "top3": 1.0, "tokens": 9}
TASKS = {
    "no figure of a classifier": (
        tasks.SENTIMENT,
        {},
        ["macro", "log", "accuracy", "F1", "loss", "ECE"],
        ["–"] * 4,
    ),
    "sentiment": (
        tasks.SENTIMENT,
        FIGURES["ours"],
        ["macro", "log", "accuracy", "F1", "loss", "ECE"],
        ["87.51%", "0.8750", "0.3012", "0.0123"],
    ),
    "next word": (
        tasks.NEXT_WORD,
        NEXT_WORD,
        ["recall", "recall", "perplexity", "top", "1", "top", "3"],
        ["1,161.50", "31.25%", "100.00%"],
    ),
    "next piece": (
        tasks.NEXT_WORD,
        {**NEXT_WORD, "word_perplexity": 98765.4321},
        ["perplexity", "perplexity", "recall", "recall"]
        + ["of", "pieces", "of", "words", "top", "1", "top", "3"],
        ["1,161.50", "98,765.43", "31.25%", "100.00%"],
    ),
}


def of(task, metrics, **options):
    """The table of a task."""
    return results(metrics, task.columns(metrics), **options)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_plain_text_has_every_figure_and_nothing_else():
    file = io.StringIO()
    tasks.SENTIMENT.render(FIGURES, file)
    above, header, ours, baseline = file.getvalue().splitlines()
    assert above.split() == ["macro", "log"]
    assert header.split() == ["accuracy", "F1", "loss", "ECE"]
    assert ours.split() == ["ours", "87.51%", "0.8750", "0.3012", "0.0123"]
    assert baseline.split()[-4:] == ["100.00%", "1.0000", "15.9424", "–"]
    assert "\x1b" not in file.getvalue()


@pytest.mark.parametrize("task", TASKS)
def test_the_columns_are_those_of_the_task(task):
    task, metrics, header, numbers = TASKS[task]
    *above, ours = of(task, {"ours": metrics})
    assert " ".join(above).split() == header
    assert ours.split() == ["ours", *numbers]


def test_a_figure_of_one_model_makes_a_column_for_all():
    metrics = {"n-gram": NEXT_WORD, "ours": {**NEXT_WORD, "word_perplexity": 20.0}}
    baseline, ours = of(tasks.NEXT_WORD, metrics)[2:]
    assert baseline.split() == ["n-gram", "1,161.50", "–", "31.25%", "100.00%"]
    assert ours.split() == ["ours", "1,161.50", "20.00", "31.25%", "100.00%"]


def test_a_terminal_gets_rules():
    file = Terminal()
    tasks.SENTIMENT.render(FIGURES, file)
    assert "─" in file.getvalue()


@pytest.mark.parametrize("columns", ["36", "40", "80"])
def test_a_terminal_gets_its_own_width(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    file = Terminal()
    tasks.SENTIMENT.render(FIGURES, file)
    assert file.getvalue().splitlines() == of(
        tasks.SENTIMENT, FIGURES, width=int(columns), rule=True
    )


NUMBERS = ["87.51%", "0.8750", "0.3012", "0.0123"]


@pytest.mark.parametrize("width", [32, 36, 40, 50, 80, 200])
@pytest.mark.parametrize(
    "name", ["ours", "tfidf-logistic-regression", "감성 분류기 모델", "[b]", "a - b", "x" * 90]
)
def test_no_number_is_cut_and_no_line_too_long(width, name):
    lines = of(tasks.SENTIMENT, {name: FIGURES["ours"]}, width=width)
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
    lines = of(tasks.SENTIMENT, {name: FIGURES["ours"]}, width=width)[2:]
    assert [line.split("87.51%")[0].strip() for line in lines] == names


@pytest.mark.parametrize("width", [32, 36, 40])
def test_where_room_is_scarce_every_name_stands_above_its_figures(width):
    metrics = {"ours": FIGURES["ours"], "tfidf-logistic-regression": FIGURES["ours"]}
    ours, first, baseline, second = of(tasks.SENTIMENT, metrics, width=width)[2:]
    assert (ours, baseline) == tuple(metrics)
    assert first.split() == second.split() == NUMBERS


def test_pieces_of_unspaced_text_have_bits_per_character():
    metrics = {"perplexity": 9.0, "top1": 0.5, "top3": 0.5, "bits_per_character": 2.5}
    above, header, row = of(tasks.NEXT_WORD, {"ours": metrics})
    assert above.split() == ["perplexity", "bits", "per", "piece", "in", "piece", "in"]
    assert row.split() == ["ours", "9.00", "2.500", "50.00%", "50.00%"]


@pytest.mark.parametrize(("figure", "shown"), [(9.99e8, "999,000,000.00"), (1e27, "1.00e+27")])
def test_a_huge_figure_does_not_break_the_table(figure, shown):
    *_, row = of(tasks.NEXT_WORD, {"ours": {"perplexity": figure, "word_perplexity": math.inf}})
    assert row.split()[1:3] == [shown, "inf"] and len(row) < 80


def test_without_a_choice_every_figure_has_a_column_of_its_own_name():
    header, row = results({"ours": {"macro_f1": 0.875, "tokens": 123}})
    assert (header.split(), row.split()) == (["macro", "f1", "tokens"], ["ours", "0.875", "123"])


@pytest.mark.parametrize("rule", [False, True])
def test_columns_are_flush_left_then_flush_right_and_never_cut(rule):
    rows = [("영화", "[b]x", "1.25"), ("film", "y" * 300, "12345")]
    lines = columns(rows, heads=("name", "in\nwords", "ms"), left=2, gap=2, rule=rule)
    assert [line.split() for line in lines[:2]] == [["in"], ["name", "words", "ms"]]
    assert lines[2:-2] == (["─" * cell_len(lines[-1])] if rule else [])
    assert lines[-2].startswith("영화  [b]x  ") and lines[-2].endswith("   1.25")
    assert lines[-1] == f"film  {'y' * 300}  12345"
