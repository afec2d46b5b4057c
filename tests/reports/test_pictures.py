import numpy as np
import pytest
from matplotlib import pyplot

from nlpkit.errors import InputError
from nlpkit.reports import fonts
from nlpkit.reports.pictures import (
    confusion_picture,
    png,
    reliability_diagram,
    training_curve,
)

NAMES = ["negative", "긍정", "$a$", "a\nb", "\0", "👍", "भला", "x" * 200, ""]
NOTE = "classes in the order of metrics.json"


@pytest.fixture
def latin_only(monkeypatch):
    monkeypatch.setattr(fonts, "families", lambda: ("DejaVu Sans",))
    fonts._held.cache_clear()
    yield
    fonts._held.cache_clear()


def tick_names(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def of_two(*names):
    return confusion_picture(np.array([[3, 1], [0, 2]]), names)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_drawn_without_a_warning(name):
    assert png(of_two("other", name)).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("negative", "negative"),
        ("$a$", "$a$"),
        ("a\n b", "a b"),
        ("sixteen letters!", "sixteen letters!"),
        ("x" * 200, "x" * 15 + "…"),
        ("seventeen lette rs", "seventeen lette…"),
        ("fourteen chars and more", "fourteen chars…"),
    ],
)
@pytest.mark.usefixtures("latin_only")
def test_legible_names_stand_at_the_ticks_and_long_ones_are_cut(name, shown):
    figure = of_two("other", name)
    assert tick_names(figure) == ["other", shown]
    assert NOTE not in figure.axes[0].get_xlabel()


@pytest.mark.parametrize("name", ["긍정", "good 긍정", "\0", "👍", "भला", "", " ", "other"])
@pytest.mark.usefixtures("latin_only")
def test_where_one_name_is_not_legible_or_not_distinct_all_are_numbers(name):
    figure = of_two("other", name)
    assert tick_names(figure) == ["1", "2"]
    assert NOTE in figure.axes[0].get_xlabel()


def test_names_that_differ_only_in_what_is_cut_off_are_numbers():
    assert tick_names(of_two("rather long name, a", "rather long name, b")) == ["1", "2"]


@pytest.mark.parametrize("name", NAMES)
def test_the_matrix_keeps_its_size_whatever_the_names(name):
    short, other = of_two("a", "b"), of_two("a", name)
    for figure in (short, other):
        png(figure)
    sizes = [figure.axes[0].get_window_extent().size for figure in (short, other)]
    np.testing.assert_allclose(*sizes)


def test_only_installed_fonts_are_asked_for():
    assert "DejaVu Sans" in fonts.families()


@pytest.mark.parametrize("classes", [2, 15, 16, 60, 61, 1000])
def test_numbers_and_names_are_written_while_there_is_room(classes):
    figure = confusion_picture(np.eye(classes, dtype=int), [f"c{n}" for n in range(classes)])
    assert len(figure.axes[0].texts) == (classes**2 if classes <= 15 else 0)
    assert tick_names(figure)[0] == ("c0" if classes <= 60 else "1")
    assert len(tick_names(figure)) <= 60
    assert png(figure)


@pytest.mark.parametrize("classes", [2, 5, 15, 30, 60])
def test_names_one_below_the_other_do_not_overlap(classes):
    figure = confusion_picture(np.eye(classes, dtype=int), [f"topic {n}" for n in range(classes)])
    png(figure)
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert all(a.y0 >= b.y1 for a, b in zip(boxes, boxes[1:], strict=False))


@pytest.mark.parametrize("classes", [2, 15])
@pytest.mark.parametrize("count", [7, 1_234_567])
def test_counts_stay_in_their_cells(classes, count):
    figure = confusion_picture(
        np.full((classes, classes), count), list("abcdefghijklmno"[:classes])
    )
    png(figure)
    (axes, _), cell = figure.axes, figure.axes[0].get_window_extent().width / classes
    assert all(text.get_window_extent().width < cell for text in axes.texts)


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
    training, validation, _ = figure.axes[0].get_lines()
    assert training.get_ydata().tolist() == [0.7, 0.4]
    np.testing.assert_array_equal(validation.get_ydata(), [0.6, np.nan])
    assert png(figure)


@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 40])
def test_epochs_are_whole_numbers_from_one(epochs):
    figure = training_curve({"epoch": n, "loss": 1.0, "val_loss": 1.0} for n in range(epochs))
    assert png(figure)
    (axes,) = figure.axes
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert ticks and set(ticks) <= set(range(1, epochs + 1))
    assert axes.get_lines()[0].get_xdata()[0] == 1


@pytest.mark.parametrize(
    ("losses", "kept"), [([0.5], 1), ([0.5, 0.4, 0.4], 2), (["nan", "", "0.7"], 3)]
)
def test_the_kept_epoch_is_the_first_with_the_least_validation_loss(losses, kept):
    figure = training_curve({"loss": 1.0, "val_loss": loss} for loss in losses)
    entries = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert entries == ["training", "validation", f"kept: epoch {kept}"]
    assert figure.get_suptitle() == "Training"


def test_the_legend_says_what_was_done_to_the_validation_figures():
    figure = training_curve(ROWS, validation="validation (calibrated)")
    for axes in figure.axes:
        assert axes.get_legend().get_texts()[1].get_text() == "validation (calibrated)"


def test_the_columns_of_a_language_model_make_one_panel():
    (axes,) = training_curve([{"epoch": 0, "loss": 5.0, "val_loss": 4.5, "rate": 1e-3}]).axes
    assert axes.get_ylabel() == "loss"


@pytest.mark.parametrize(
    "row", [{"loss": 1.0, "val_loss": "nan"}, {"accuracy": 0.5, "val_accuracy": 0.5}]
)
def test_without_a_validation_loss_no_epoch_is_marked(row):
    assert len(training_curve([row]).axes[0].get_lines()) == 2


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
