import numpy as np
import pytest
from matplotlib import pyplot

from nlpkit.errors import InputError
from nlpkit.evaluation import fonts
from nlpkit.evaluation.pictures import (
    confusion_picture,
    png,
    reliability_diagram,
    training_curve,
)

NAMES = ["negative", "긍정", "$a$", "a\nb", "\0", "👍", "भला", "x" * 200, ""]


def tick_names(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_drawn_without_a_warning(name):
    figure = confusion_picture(np.array([[3, 1], [0, 2]]), ["other", name])
    assert png(figure).startswith(b"\x89PNG")
    assert tick_names(figure) == ["other", fonts.legible(name)]


def test_without_a_font_for_them_characters_are_escaped(monkeypatch):
    monkeypatch.setattr(fonts, "families", lambda: ("DejaVu Sans",))
    fonts._held.cache_clear()
    try:
        assert fonts.legible("긍정 good") == "\\uae0d\\uc815 good"
    finally:
        fonts._held.cache_clear()


def test_only_installed_fonts_are_asked_for():
    assert "DejaVu Sans" in fonts.families()


@pytest.mark.parametrize("classes", [2, 20, 21, 61])
def test_numbers_and_names_are_written_while_there_is_room(classes):
    figure = confusion_picture(np.eye(classes, dtype=int), [f"c{n}" for n in range(classes)])
    assert len(figure.axes[0].texts) == (classes**2 if classes <= 20 else 0)
    assert ("c0" in tick_names(figure)) == (classes <= 60)
    assert png(figure)


def test_a_class_without_examples_has_an_empty_row():
    assert png(confusion_picture(np.array([[3, 1], [0, 0]]), ["a", "b"]))


def test_a_name_for_each_class_is_required():
    with pytest.raises(InputError, match=r"^`names` must be one for each class .+\[2, 2\], got 3"):
        confusion_picture(np.eye(2), ["a", "b", "c"])


ROWS = [
    {"epoch": "0", "accuracy": "0.6", "loss": "0.7", "val_accuracy": "0.6", "val_loss": "0.6"},
    {"epoch": "1", "accuracy": "0.8", "loss": "0.4", "val_accuracy": "", "val_loss": "nan"},
]


def test_a_training_curve_has_a_panel_for_each_pair_and_the_loss_first():
    figure = training_curve({**row, "seconds": "3"} for row in ROWS)
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy"]
    training, validation = figure.axes[0].get_lines()
    assert training.get_ydata().tolist() == [0.7, 0.4]
    np.testing.assert_array_equal(validation.get_ydata(), [0.6, np.nan])
    assert png(figure)


def test_one_epoch_is_a_curve():
    assert png(training_curve(ROWS[:1]))


@pytest.mark.parametrize(
    ("rows", "got"), [([], "no epoch"), ([{"epoch": 0, "loss": 1.0}], r"\['epoch', 'loss'\]")]
)
def test_a_training_curve_without_a_pair_is_refused(rows, got):
    with pytest.raises(InputError, match=rf"its val_ twin, such as loss and val_loss, got {got}"):
        training_curve(rows)


@pytest.mark.parametrize("probabilities", [[[1.0, 0.0]], [[0.5, 0.5], [0.2, 0.8]]])
def test_a_reliability_diagram_shows_the_calibration_error(probabilities):
    figure = reliability_diagram(probabilities, [0] * len(probabilities))
    assert figure.axes[0].get_title().startswith("Reliability (ECE 0.")
    assert png(figure)


def test_a_picture_has_the_same_bytes_each_time():
    first, second = (png(training_curve(ROWS)) for _ in range(2))
    assert first == second


def test_no_global_state_of_matplotlib_is_touched():
    png(training_curve(ROWS))
    assert pyplot.get_fignums() == []
