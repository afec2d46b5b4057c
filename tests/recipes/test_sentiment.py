"""The whole recipe, on reviews that any model learns: what it leaves, and that it is true."""

import csv
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpkit import export, models, serve  # noqa: F401 (registers the layers that model.keras names)
from tests.commands import clean_environment, complains, nlpkit_command

__all__ = ["nlpkit_command"]

pytestmark = pytest.mark.slow

TINY = ["--epochs", "1", "--units", "4", "--embedding", "4", "--batch-size", "8"]
NAMES = ("negative", "좋음")
ODD = [
    "", " ", "🙂👍🏽", "nul\0in\0side", "مرحبا بالعالم", "עברית", "e\u0301", "ㅋㅋㅋ",
    "\u2028", "\ufeff",
]  # fmt: skip
LONG = "긴 글 long " * 90_000  # about 1.3 MB in one line
PROGRESS = (
    r"starting TensorFlow",
    r".*train\.tsv: [\d,]+ reviews for training, [\d,]+ for validation, 20 for testing; "
    r"text and label: text, label",
    r"learning the vocabulary",
    r"epoch 1/1: loss \d+\.\d+, validation accuracy [\d.]+%, loss \d+\.\d+, [\d.]+ s",
    r"finished epoch 1 of 1; kept the weights of epoch 1, which has the lowest validation loss",
    r"training the linear part",
    r"the linear part makes up \d+% of the logits",
    r"exporting and verifying",
    r"training the linear baseline on the same reviews",
    r"try: nlpkit predict .*OUT/saved_model \"…\"",
)
FILES = {
    "README.md", "config.json", "confusion_matrix.png", "metrics.json", "model.keras",
    "reliability.png", "saved_model", "test_scores.npz", "training.csv", "training.png",
}  # fmt: skip


def _rows(numbers):
    """Reviews of both classes, different ones."""
    for number in numbers:
        yield f"great film, loved it {number} 최고", 1
        yield f"awful film, hated it {number} 별로", 0


def _write(path, rows):
    """A table as the csv module writes it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([("text", "label"), *rows])
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of `python -m nlpkit sentiment`, odd texts among the reviews."""
    folder = tmp_path_factory.mktemp("run")
    odd = [(text, index % 2) for index, text in enumerate([*ODD, LONG])]
    train = _write(folder / "train.tsv", [*_rows(range(40)), *odd])
    test = _write(folder / "test.tsv", _rows(range(100, 110)))
    out = folder / "deep" / "OUT"
    child = subprocess.run(
        [sys.executable, "-m", "nlpkit", "sentiment", "--data", train, "--test-data", test, *TINY,
         "--label-names", "0=negative,1=좋음", "--out", out],
        capture_output=True,
        encoding="utf-8",
        env=clean_environment(),
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    return SimpleNamespace(child=child, train=train, test=test, out=out, model=out / "saved_model")


@pytest.fixture
def metrics(trained):
    return json.loads((trained.out / "metrics.json").read_text(encoding="utf-8"))


def test_stderr_holds_progress_and_nothing_else(trained):
    lines = trained.child.stderr.splitlines()
    assert len(lines) == len(PROGRESS), trained.child.stderr
    for line, form in zip(lines, PROGRESS, strict=True):
        assert re.fullmatch(form, line)


def test_stdout_holds_the_table_and_the_verdict(trained, metrics):
    lines = trained.child.stdout.splitlines()
    assert any(
        line.startswith("lstm + linear ") and _shown(metrics["test"]) in line for line in lines
    )
    assert any(line.startswith("tfidf-logistic-regression ") for line in lines)
    assert re.fullmatch(r".*OUT: proven portable by \d+ checks\.", lines[-1])


def _shown(metrics):
    """Figures as the table shows them."""
    rest = (f"{metrics[name]:.4f}" for name in ("macro_f1", "log_loss", "ece"))
    return " ".join([f"{metrics['accuracy']:.2%}", *rest])


def test_out_holds_what_is_promised_and_nothing_is_left_beside_it(trained):
    assert {path.name for path in trained.out.iterdir()} == FILES
    assert [path.name for path in trained.out.parent.iterdir()] == ["OUT"]


def test_metrics_have_the_promised_shape(trained, metrics):
    assert metrics["task"] == "sentiment"
    assert metrics["data"] == trained.train.name
    assert metrics["classes"] == list(NAMES)
    assert metrics["examples"]["test"] == 20
    assert sum(metrics["examples"].values()) == 20 + 80 + len(ODD) + 1
    assert set(metrics["test"]) == {"accuracy", "macro_f1", "log_loss", "ece"}
    assert metrics["baseline"]["name"] == "tfidf-logistic-regression"
    assert 0 <= metrics["baseline"]["accuracy"] <= 1
    differences = {name: row["difference"] for name, row in metrics["comparison"].items()}
    assert differences == pytest.approx(
        {
            name: metrics["test"]["accuracy"] - metrics[name]["accuracy"]
            for name in ("baseline", "majority_class")
        }
    )
    assert [row["support"] for row in metrics["per_class"].values()] == [10, 10]
    assert isinstance(metrics["parameters"], int)
    assert 0 < metrics["seconds"]["train"] < metrics["seconds"]["total"]
    assert metrics["peak_memory_mb"] > 100
    assert (metrics["cell"], metrics["seed"]) == ("lstm", 0)
    assert {"python", "nlpkit", "tensorflow", "keras"} <= set(metrics["versions"])


def test_nothing_tells_of_the_machine_that_it_was_trained_on(trained):
    folder = str(trained.out.parents[1])
    for name in ("README.md", "config.json", "metrics.json"):
        assert folder not in (trained.out / name).read_text(encoding="utf-8")
    assert json.loads((trained.out / "config.json").read_bytes())["data"] == trained.train.name


def test_config_repeats_the_run_to_the_last_bit(nlpkit_command, trained, metrics, tmp_path):
    config = trained.out / "config.json"
    answer = nlpkit_command("sentiment", "--config", config, "--out", tmp_path / "again", "--quiet")
    notes = [line for line in trained.child.stderr.splitlines() if line.startswith("note: ")]
    assert (answer.status, answer.err.splitlines()) == (0, notes)
    again = json.loads((tmp_path / "again" / "metrics.json").read_text(encoding="utf-8"))
    for key in ("test", "examples", "classes", "parameters"):
        assert again[key] == metrics[key]
    assert again["baseline"]["log_loss"] == metrics["baseline"]["log_loss"]
    assert (tmp_path / "again" / "config.json").read_bytes() == config.read_bytes()


def test_options_beside_config_win(nlpkit_command, trained, tmp_path):
    options = ["--config", trained.out, "--cell", "elman", "--out", tmp_path / "new", "--quiet"]
    complains(nlpkit_command("sentiment", *options), 2, "got 'elman'")
    assert list(tmp_path.iterdir()) == []


def test_evaluate_recomputes_the_figures_from_the_artefact(nlpkit_command, trained, metrics):
    answer = nlpkit_command("evaluate", trained.model, "--data", trained.test)
    assert (answer.status, answer.err) == (0, "")
    assert _shown(metrics["test"]) in answer.out
    actual = serve.evaluate(serve.load(trained.model), trained.test).test
    assert actual == pytest.approx(metrics["test"], abs=1e-5)


def test_the_artefact_knows_its_columns(trained):
    assert export.read_column_note(trained.model) == ("text", "label")


def test_plain_tensorflow_recomputes_the_accuracy(trained, metrics):
    texts, labels = zip(*_rows(range(100, 110)), strict=True)
    loaded = tf.saved_model.load(str(trained.model))
    answers = loaded.signatures["serving_default"](text=tf.constant(texts))
    predicted = [name.decode() for name in answers["label"].numpy()]
    right = np.mean([name == NAMES[label] for name, label in zip(predicted, labels, strict=True)])
    assert right == metrics["test"]["accuracy"]


def test_model_keras_gives_what_the_artefact_gives(trained):
    loaded = tf.saved_model.load(str(trained.model)).signatures
    ids = loaded["encode"](text=tf.constant(["great film", "별로", ""]))["ids"]
    served = loaded["ids"](ids=ids)["probabilities"]
    model = keras.saving.load_model(trained.out / "model.keras")
    np.testing.assert_allclose(model(ids), served, atol=1e-5)


def test_each_part_is_measured_alone(trained, metrics):
    parts = metrics["parts"]
    assert list(parts) == ["network alone", "linear part alone"]
    for name, alone in parts.items():
        assert alone.keys() == metrics["test"].keys()
        assert _shown(alone) in next(
            line for line in trained.child.stdout.splitlines() if line.startswith(name)
        )
    whole = keras.saving.load_model(trained.out / "model.keras")
    texts, labels = zip(*_rows(range(100, 110)), strict=True)
    encode = tf.saved_model.load(str(trained.model)).signatures["encode"]
    for name, layer in (("network alone", "logits"), ("linear part alone", "linear")):
        alone = keras.Model(whole.input, whole.get_layer(layer).output)
        predicted = alone(encode(text=tf.constant(texts))["ids"]).numpy().argmax(axis=1)
        assert np.mean(predicted == labels) == parts[name]["accuracy"]


def test_without_the_linear_part_the_network_answers_alone(nlpkit_command, trained, tmp_path):
    answer = nlpkit_command(
        "sentiment", "--config", trained.out, "--data", trained.train, "--test-data", trained.test,
        "--no-linear", "--out", tmp_path / "new",
    )  # fmt: skip
    assert answer.status == 0, answer.err
    assert "linear part" not in answer.err
    assert "note: On the test split this model is not measurably more accurate" in answer.err
    metrics = json.loads((tmp_path / "new" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["linear_fraction"] == 0 and "parts" not in metrics
    assert "linear model" not in (tmp_path / "new" / "README.md").read_text(encoding="utf-8")


def test_odd_texts_are_legal_in_serving(nlpkit_command, trained, tmp_path):
    texts = [*ODD, LONG]
    (tmp_path / "odd.txt").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    answer = nlpkit_command("predict", trained.model, "--input", tmp_path / "odd.txt")
    assert (answer.status, answer.err) == (0, "")
    answers = [json.loads(line) for line in answer.out.splitlines()]
    assert [actual["text"] for actual in answers] == texts
    for actual in answers:
        assert actual["label"] in NAMES and tuple(actual["probabilities"]) == NAMES
        assert actual["score"] == max(actual["probabilities"].values())


def test_predict_takes_odd_texts_as_arguments(nlpkit_command, trained):
    answer = nlpkit_command("predict", trained.model, "--", *ODD)
    assert (answer.status, answer.err) == (0, "")
    assert [json.loads(line)["text"] for line in answer.out.splitlines()] == ODD
