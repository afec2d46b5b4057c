import io

import pytest
import rich.cells
import rich.console

from nlpkit.evaluation.table import render, results

FIGURES = {
    "ours": {"accuracy": 0.8751, "macro_f1": 0.875, "log_loss": 0.3012, "ece": 0.0123},
    "TF-IDF + logistic regression": {"accuracy": 1.0, "macro_f1": 1.0, "log_loss": 15.9424},
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


def test_a_terminal_gets_rules():
    file = Terminal()
    render(FIGURES, file)
    assert "─" in file.getvalue()


@pytest.mark.parametrize("width", [40, 50, 80, 200])
@pytest.mark.parametrize("name", ["ours", "tfidf-logistic-regression", "감성 분류기 모델", "[b]"])
def test_no_number_is_cut_in_a_narrow_terminal(width, name):
    file = io.StringIO()
    console = rich.console.Console(file=file, width=width, color_system=None)
    console.print(results({name: FIGURES["ours"]}))
    lines = file.getvalue().splitlines()
    assert all(rich.cells.cell_len(line) <= width for line in lines)
    (numbers,) = (line for line in lines if "87.51%" in line)
    assert numbers.split()[-4:] == ["87.51%", "0.8750", "0.3012", "0.0123"]
    (rule,) = (number for number, line in enumerate(lines) if "──" in line)
    names = [line.replace(" ", "").split("87.51%")[0] for line in lines[rule + 1 :]]
    assert "".join(names) == name.replace(" ", "")
