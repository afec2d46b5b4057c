"""Whatever stops a recipe, the model that its folder held stays, and so does what was learnt."""

import json
import resource
import shutil
import signal

import keras
import pytest

from nlpkit import export, models, serve  # noqa: F401 (registers the layers that model.keras names)
from tests import kill_test
from tests.commands import complains, interrupted, nlpkit_command

__all__ = ["nlpkit_command"]

pytestmark = pytest.mark.slow

TINY = ["--epochs", "1", "--units", "4", "--embedding", "4"]
ENDLESS = {
    "sentiment": ["--epochs", "1000", "--patience", "1000"],
    "next-word": ["--epochs", "1000"],
}
RECIPES = pytest.mark.parametrize("recipe", ENDLESS)
UNPROVEN = export.Report((export.Check("xla", False, "function f needs XLA."),))


@pytest.fixture
def out(tmp_path):
    """The folder of an older run, as far as a new one looks at it."""
    folder = tmp_path / "OUT"
    folder.mkdir()
    for name in ("metrics.json", "README.md", "model.keras"):
        (folder / name).write_text(f"the older {name}", encoding="utf-8")
    return folder


def tree(folder):
    """Everything in a folder, with its content."""
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@RECIPES
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_leaves_the_old_model_and_a_checkpoint(out, tmp_path, recipe, number):
    data = kill_test.make_data(recipe, tmp_path)
    before = tree(tmp_path)
    options = [*TINY, *ENDLESS[recipe]]
    answer = interrupted(
        recipe, "--data", data, "--out", out, *options, at="epoch 1/", number=number
    )
    assert answer.err.splitlines()[-1] == (
        "nlpkit: stopped; no file is left half-written. The same command with `--resume` goes on "
        "from the last checkpoint."
    )
    assert answer.status == 128 + number
    shutil.rmtree(tmp_path / ".OUT.checkpoint")
    assert tree(tmp_path) == before


def test_a_full_disk_leaves_the_old_model(nlpkit_command, out, tmp_path):
    data = kill_test.make_data("sentiment", tmp_path)
    before = tree(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))
    try:
        answer = nlpkit_command("sentiment", "--data", data, "--out", out, *TINY, "--quiet")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    note, _, last = answer.err.partition("\n")
    assert note.endswith("File too large; there is none yet, and the run goes on")
    complains(answer._replace(err=last), 1, "File too large")
    assert tree(tmp_path) == before


@RECIPES
def test_a_run_says_first_that_it_will_replace_a_model(nlpkit_command, out, recipe):
    answer = nlpkit_command(recipe, "--data", "nowhere.csv", "--out", out)
    first = f"{out} holds a model, which this run will replace; to keep both, choose another folder"
    assert first in answer.err.splitlines()[-2]


def _fails(*_, **__):
    raise OSError(28, "No space left on device", "somewhere")


WRITTEN = {"README.md", "config.json", "model.keras", "training.csv"}
FAILURES = {
    "unproven": (
        "nlpkit.export.verification.verify",
        lambda *_, **__: UNPROVEN,
        "not proven portable: xla: function f needs XLA",
        {"confusion_matrix.png", "metrics.json", "reliability.png", "saved_model", "training.png"}
        | {"test_scores.npz"},
    ),
    "no artefact": ("nlpkit.export.write", _fails, "No space left", set()),
    "no baseline": (
        "nlpkit.evaluation.tfidf_logistic_regression",
        _fails,
        "No space left",
        {"saved_model"},
    ),
}


@pytest.mark.parametrize(
    ("target", "does", "message", "more"), FAILURES.values(), ids=FAILURES.keys()
)
def test_whatever_fails_the_trained_model_is_kept_and_the_old_one_too(
    nlpkit_command, out, tmp_path, monkeypatch, target, does, message, more
):
    data, before = kill_test.make_data("sentiment", tmp_path), tree(out)
    monkeypatch.setattr("nlpkit.export.verification.verify", lambda *_, **__: export.Report(()))
    monkeypatch.setattr(target, does)
    answer = nlpkit_command("sentiment", "--data", data, *TINY, "--out", out, "--quiet")
    complains(answer, 1, "is full; what was there is whole" if does is _fails else message)
    left = tmp_path / "OUT-unfinished"
    assert f"The trained model is kept in {left}, whose README.md says" in answer.err
    assert tree(out) == before
    assert {path.name for path in left.iterdir()} == WRITTEN | more
    assert message.partition(":")[0] in (left / "README.md").read_text(encoding="utf-8")
    assert json.loads((left / "config.json").read_bytes())["data"] == data.name
    keras.saving.load_model(left / "model.keras")
    if does is not _fails:
        assert message in export.unproven(left / "saved_model")
        assert serve.load(left / "saved_model").predict(["great film"])
