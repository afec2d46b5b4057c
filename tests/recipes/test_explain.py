"""`nlpkit explain` on the command line: both tasks, many texts, and what is refused."""

import json
import shutil

import pytest

from nlpkit import export
from tests.artefacts import CLASSES
from tests.commands import complains, nlpkit_command
from tests.explain.cases import CAP, TEXTS, small_classifier

__all__ = ["nlpkit_command"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def classifier_run(tmp_path_factory):
    """What `nlpkit sentiment` leaves, as far as explanations need it."""
    folder = tmp_path_factory.mktemp("sentiment")
    encoder, model = small_classifier()
    model.save(folder / "model.keras")
    export.write(export.classifier(encoder, model, CLASSES), folder / "saved_model", probes=["a"])
    return folder


@pytest.fixture(scope="module")
def language_run(tmp_path_factory, language_artefact, language_module):
    """What `nlpkit next-word` leaves, likewise."""
    folder = tmp_path_factory.mktemp("next-word")
    (folder / "saved_model").symlink_to(language_artefact)
    language_module._reader.model.save(folder / "model.keras")
    return folder


@pytest.mark.parametrize("run", ["classifier_run", "language_run"])
def test_explain_writes_a_page_and_pictures(run, request, nlpkit_command, tmp_path):
    answer = nlpkit_command(
        "explain", request.getfixturevalue(run), *TEXTS, "--out", tmp_path / "why", "--quiet"
    )
    assert (answer.status, answer.err) == (0, "")
    assert [line.partition(":")[0] for line in answer.out.splitlines()[::2]][:2] == TEXTS
    for line in answer.out.splitlines()[1:4:2]:
        assert float(line.rpartition("error ")[2].rstrip("%")) <= 1
    assert answer.out.splitlines()[-1] == f"{tmp_path / 'why' / 'explain.html'}, and 6 pictures"
    page = (tmp_path / "why" / "explain.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 2_000_000
    assert all(f"<h2>{text}</h2>" in page for text in TEXTS)


def test_over_many_texts_units_are_told(classifier_run, nlpkit_command, tmp_path):
    table = tmp_path / "x.jsonl"
    lines = (json.dumps({"text": f"great {'mess ' * (n % 4)}plot {n}"}) for n in range(60))
    table.write_text("\n".join(lines), encoding="utf-8")
    answer = nlpkit_command(
        "explain", classifier_run, "--input", table, "--out", tmp_path / "why", "--quiet"
    )
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith("great plot 0: ")
    assert "60 texts" in answer.out and "the position" in answer.out
    assert (tmp_path / "why" / "units.png").is_file()


def _without_model(run, tmp_path):
    (tmp_path / "saved_model").symlink_to(run / "saved_model")
    return tmp_path


def _with_damage(run, tmp_path):
    _without_model(run, tmp_path)
    (tmp_path / "model.keras").write_text("no model")
    (tmp_path / "metrics.json").write_text('{"versions": {"nlpkit": "0.1.7", "keras": "3.0"}}')
    return tmp_path


def _with_another_format(run, tmp_path):
    shutil.copytree(run / "saved_model", tmp_path / "saved_model")
    shutil.copy(run / "model.keras", tmp_path)
    note = tmp_path / "saved_model" / "assets.extra" / "artefact.json"
    note.write_text(note.read_text(encoding="utf-8").replace('"format": 1', '"format": 9'))
    return tmp_path


FOLDERS = {
    "no folder": (
        lambda run, path: path / "none",
        "none: there is no such folder; give one that nlpkit wrote.",
    ),
    "a file": (lambda run, path: run / "model.keras", "model.keras: this is a file"),
    "the SavedModel": (
        lambda run, path: run / "saved_model",
        "has no gates to look into; give the folder of the run, /",
    ),
    "no model.keras": (
        _without_model,
        "model.keras is missing, which holds the gates; give the folder that `nlpkit sentiment`",
    ),
    "a model that cannot be read": (_with_damage, "which nlpkit 0.1.7 with Keras 3.0 wrote ("),
    "another format": (_with_another_format, "has format 9, and this nlpkit reads format 1"),
}


@pytest.mark.parametrize(("make", "message"), FOLDERS.values(), ids=FOLDERS.keys())
def test_a_folder_that_is_no_run_is_refused(
    make, message, classifier_run, nlpkit_command, tmp_path
):
    run = make(classifier_run, tmp_path)
    out = tmp_path / "why"
    complains(nlpkit_command("explain", run, "a", "--out", out, "--quiet"), 2, message)
    assert not out.exists()


ARGUMENTS = {
    "nothing": ([], "Give a text to explain, or `--input FILE`, or both."),
    "an empty text": ([""], "a text must hold a word or a sign to be explained, got ''."),
    "a long text": (["good " * (CAP + 1)], f"at most {CAP} tokens for this model"),
    "a column without a file": (["a", "--text-column", "t"], "go with `--input FILE`."),
    "a file that is not there": (["--input", "none.csv"], "none.csv"),
}


@pytest.mark.parametrize(("arguments", "message"), ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_bad_input_is_one_sentence(arguments, message, classifier_run, nlpkit_command, tmp_path):
    out = tmp_path / "why"
    answer = nlpkit_command("explain", classifier_run, *arguments, "--out", out, "--quiet")
    complains(answer, 2, message)
    assert not out.exists()


def test_a_folder_of_someone_else_is_not_replaced(classifier_run, nlpkit_command, tmp_path):
    (tmp_path / "diary.txt").write_text("mine")
    answer = nlpkit_command("explain", classifier_run, "a", "--out", tmp_path, "--quiet")
    complains(answer, 2, "holds 'diary.txt', which nlpkit did not write")
