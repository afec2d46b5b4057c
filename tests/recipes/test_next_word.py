"""The whole recipe on text that any model learns: what it leaves, and that it is true."""

import json
import re
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpkit import export, models, serve  # noqa: F401 (registers the model that model.keras names)
from tests.commands import clean_environment, complains, nlpkit_command

__all__ = ["nlpkit_command"]

pytestmark = pytest.mark.slow

TINY = ["--epochs", "2", "--units", "8", "--layers", "1", "--batch-size", "4", "--steps", "8"]
PROGRESS = (
    r"starting TensorFlow",
    r".*book\.txt, running text: [\d,]+ characters for training, [\d,]+ for validation, [\d,]+ "
    r"for testing; learning the vocabulary of words",
    r"\d+ words; [\d,]+ tokens, 2 epochs",
    r"epoch 1/2: perplexity [\d.,]+ in training, [\d.,]+ in validation, [\d.]+ s",
    r"epoch 2/2: perplexity [\d.,]+ in training, [\d.,]+ in validation, [\d.]+ s",
    r"finished epoch 2 of 2; kept the weights of epoch \d, which has the lowest validation loss",
    r"exporting and verifying",
    r"tuning the cache on the validation data",
    r"tuning dynamic evaluation on the validation data",
    r"counting n-grams for the baseline",
    r"try: nlpkit predict .*OUT/saved_model \"…\"",
)
FILES = {
    "README.md", "config.json", "metrics.json", "model.keras", "saved_model", "test_scores.npz",
    "training.csv", "training.png",
}  # fmt: skip
SUBJECTS, VERBS = ("the cat", "a dog", "my bird"), ("sees", "hears", "follows")
OBJECTS = ("the door", "a song", "nobody")


def sentences(count, seed):
    """Sentences of a small language."""
    draw = np.random.default_rng(seed)
    for _ in range(count):
        yield " ".join(draw.choice(words) for words in (SUBJECTS, VERBS, OBJECTS)) + "."


def book(path, seed=0):
    """Paragraphs with blank lines between them, a sentence a line."""
    lines = sentences(400, seed)
    paragraphs = ("\n".join(next(lines) for _ in range(4)) for _ in range(100))
    path.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")
    return path


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "nlpkit", "next-word", *arguments],
        capture_output=True,
        encoding="utf-8",
        env=clean_environment(),
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of `python -m nlpkit next-word`."""
    folder = tmp_path_factory.mktemp("run")
    data, out = book(folder / "book.txt"), folder / "deep" / "OUT"
    child = run("--data", data, *TINY, "--cache", "50", "--dynamic", "--out", out)
    assert child.returncode == 0, child.stderr
    return SimpleNamespace(child=child, data=data, out=out, model=out / "saved_model")


@pytest.fixture
def unverified(monkeypatch):
    """The first run proves its artefact; others need not."""
    verified = export.Report(())
    monkeypatch.setattr("nlpkit.export.verification.verify", lambda *_, **__: verified)


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
    rows = ("lstm", "lstm with a cache of 50 words", "lstm with dynamic evaluation", "kneser-ney-5")
    for name in rows:
        assert any(line.startswith(f"{name} ") for line in lines), trained.child.stdout
    assert f"{metrics['test']['perplexity']:.2f}" in trained.child.stdout
    assert re.fullmatch(r".*OUT: proven portable by \d+ checks\.", lines[-1])


def test_out_holds_what_is_promised_and_nothing_is_left_beside_it(trained):
    assert {path.name for path in trained.out.iterdir()} == FILES
    assert [path.name for path in trained.out.parent.iterdir()] == ["OUT"]


def test_metrics_have_the_promised_shape(trained, metrics):
    assert (metrics["task"], metrics["data"]) == ("next-word", trained.data.name)
    compared = {"perplexity", "top1", "top3"}
    assert set(metrics["test"]) == compared | {"tokens", "out_of_vocabulary"}
    assert compared | {"name"} <= set(metrics["baseline"])
    assert metrics["test"]["tokens"] == metrics["tokens"]["test"]
    assert 0 < metrics["seconds"]["train"] < metrics["seconds"]["total"]
    assert (metrics["cell"], metrics["seed"]) == ("lstm", 0)


def test_variants_are_in_the_metrics_and_on_the_card(trained, metrics):
    variants = ("lstm with a cache of 50 words", "lstm with dynamic evaluation")
    assert tuple(metrics["others"]) == variants
    card = (trained.out / "README.md").read_text(encoding="utf-8")
    assert f"| this model | {' | '.join(variants)} | kneser-ney-5 |" in card
    for name in variants:
        assert f"{metrics['others'][name]['perplexity']:.2f}" in card


def test_nothing_tells_of_the_machine_that_it_was_trained_on(trained):
    folder = str(trained.out.parents[1])
    for name in ("README.md", "config.json", "metrics.json"):
        assert folder not in (trained.out / name).read_text(encoding="utf-8")
    assert json.loads((trained.out / "config.json").read_bytes())["data"] == trained.data.name


def test_config_repeats_the_run_to_the_last_bit(
    nlpkit_command, trained, metrics, tmp_path, unverified
):
    config = trained.out / "config.json"
    answer = nlpkit_command("next-word", "--config", config, "--out", tmp_path / "again", "--quiet")
    assert (answer.status, answer.err) == (0, "")
    again = json.loads((tmp_path / "again" / "metrics.json").read_text(encoding="utf-8"))
    for key in ("test", "tokens", "parameters"):
        assert again[key] == metrics[key]
    assert (tmp_path / "again" / "config.json").read_bytes() == config.read_bytes()


def test_evaluate_recomputes_the_figures_from_the_artefact(nlpkit_command, trained, metrics):
    answer = nlpkit_command("evaluate", trained.model, "--data", trained.data, "--held-out")
    assert (answer.status, answer.err) == (0, "")
    assert f"{metrics['test']['perplexity']:.2f}" in answer.out
    actual = serve.evaluate_language(serve.load(trained.model), trained.data, held_out=True)
    assert actual.test == pytest.approx(metrics["test"], rel=1e-4)


def test_plain_tensorflow_recomputes_the_perplexity_over_step(trained, tmp_path):
    """The page of plain TensorFlow that a stranger would write."""
    text = [" ".join(sentences(4, seed)) for seed in range(5)]
    (tmp_path / "test.txt").write_text("\n\n".join(text) + "\n", encoding="utf-8")
    expected = serve.evaluate_language(serve.load(trained.model), tmp_path / "test.txt").test

    signatures = tf.saved_model.load(str(trained.model)).signatures
    encode, step = signatures["encode"], signatures["step"]
    specs = step.structured_input_signature[1]
    states = {name: tf.zeros([1, spec.shape[1]]) for name, spec in specs.items() if name != "ids"}
    stream = [0]
    for passage in text:
        stream += [*encode(text=tf.constant([passage]))["ids"][0, 1:].numpy(), 0]
    losses = []
    for read, wanted in zip(stream, stream[1:], strict=False):
        answer = step(ids=tf.constant([read]), **states)
        losses.append(-answer["log_probabilities"][0, wanted])
        states = {name: answer[name] for name in states}
    assert len(losses) == expected["tokens"]
    assert np.exp(np.mean(losses)) == pytest.approx(expected["perplexity"], rel=1e-5)


def test_it_suggests_words_and_writes_on(nlpkit_command, trained):
    answer = nlpkit_command("predict", trained.model, "the cat", "")
    assert (answer.status, answer.err) == (0, "")
    for line in map(json.loads, answer.out.splitlines()):
        assert len(line["words"]) == len(line["probabilities"]) == 5
        assert not {"</s>", "<unk>"} & set(line["words"])
    answer = nlpkit_command("predict", trained.model, "the cat", "--generate", "6")
    (line,) = map(json.loads, answer.out.splitlines())
    assert line["generated"].startswith("the cat") and len(line["generated"]) > len("the cat")


def test_model_keras_gives_what_the_artefact_gives(trained):
    step = tf.saved_model.load(str(trained.model)).signatures["step"]
    model = keras.saving.load_model(trained.out / "model.keras")
    names = model.state_names
    states = dict(zip(names, model.zero_states(2), strict=True))
    served = step(ids=tf.constant([0, 3]), **states)["log_probabilities"]
    expected = tf.nn.log_softmax(model(np.array([[0], [3]]))[:, 0])
    np.testing.assert_allclose(served, expected, atol=1e-5)


def test_korean_is_cut_into_pieces_and_measured_by_words(nlpkit_command, tmp_path, unverified):
    draw = np.random.default_rng(0)
    stems, ends = ("영화", "배우", "음악", "감독"), ("가", "는", "도", "를")
    lines = (
        " ".join(f"{draw.choice(stems)}{draw.choice(ends)}" for _ in range(4)) + f" 좋다{k}"
        for k in range(300)
    )
    (tmp_path / "ko.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = ["--data", tmp_path / "ko.txt", *TINY, "--vocabulary", "60", "--out", tmp_path / "o"]
    answer = nlpkit_command("next-word", *options, "--quiet")
    assert (answer.status, answer.err) == (0, "")
    metrics = json.loads((tmp_path / "o" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["kind"] == "subwords"
    assert metrics["test"]["word_perplexity"] > metrics["test"]["perplexity"]
    actual = serve.evaluate_language(
        serve.load(tmp_path / "o" / "saved_model"), tmp_path / "ko.txt", held_out=True
    )
    assert actual.test == pytest.approx(metrics["test"], rel=1e-4)


def test_a_corpus_that_is_cut_already_is_taken_unchanged(nlpkit_command, tmp_path, unverified):
    for seed, side in enumerate(("train", "valid", "test")):
        lines = [f" {line.replace('.', '')} <unk> \n" for line in sentences(200, seed)]
        (tmp_path / f"{side}.txt").write_text("".join(lines), encoding="utf-8")
    answer = nlpkit_command(
        "next-word", "--data", tmp_path / "train.txt", "--valid-data", tmp_path / "valid.txt",
        "--test-data", tmp_path / "test.txt", *TINY, "--out", tmp_path / "o", "--quiet",
    )  # fmt: skip
    assert (answer.status, answer.err) == (0, "")
    metrics = json.loads((tmp_path / "o" / "metrics.json").read_text(encoding="utf-8"))
    words = (tmp_path / "test.txt").read_text(encoding="utf-8").split()
    assert (metrics["kind"], metrics["form"]) == ("spaces", "pre-tokenised")
    assert metrics["test"]["tokens"] == len(words) + 200


def test_a_budget_chooses_size_and_passes_and_keeps_what_is_given(
    nlpkit_command, tmp_path, monkeypatch, unverified
):
    """A pass of the smallest size is said to take six of ten minutes."""
    seconds = {1: 0.18, 2: 10.0}
    monkeypatch.setattr(
        "nlpkit.training.seconds_per_token", lambda model, *_, **__: seconds[len(model.recurrences)]
    )
    out = tmp_path / "OUT"
    answer = nlpkit_command(
        "next-word", "--data", book(tmp_path / "book.txt"), "--budget", "10", "--units", "8",
        "--batch-size", "4", "--steps", "8", "--out", out,
    )  # fmt: skip
    assert answer.status == 0
    assert re.search(
        r"^10 minutes: 1 layer of 8 units, 1 pass instead of 15; a pass takes about \d minutes",
        answer.err,
        re.MULTILINE,
    ), answer.err
    assert "finished epoch 1 of 1; kept" in answer.err
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    settled = {"units": 8, "layers": 1, "embedding": 8, "dropout": 0.3, "epochs": 1, "budget": 10.0}
    assert settled.items() <= config.items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tokens", "letters"], "`--tokens` must be one of"),
        (["--cell", "elman"], "got 'elman'"),
        (["--steps", "0"], "Invalid value for '--steps'"),
        (
            ["--budget", "0"],
            "Invalid value for '--budget': must be a finite number above 0, got 0.0",
        ),
        (
            ["--budget", "-5"],
            "Invalid value for '--budget': must be a finite number above 0, got -5.0",
        ),
        (
            ["--budget", "nan"],
            "Invalid value for '--budget': must be a finite number above 0, got nan",
        ),
        (
            ["--budget", "inf"],
            "Invalid value for '--budget': must be a finite number above 0, got inf",
        ),
        (["--budget", "long"], "Invalid value for '--budget': Input should be a valid number"),
        (["--dynamic=5"], "Option '--dynamic' does not take a value"),
        (["--data", "nowhere.txt"], "nowhere.txt: there is no such file"),
    ],
)
def test_a_wrong_option_is_named(nlpkit_command, tmp_path, arguments, message):
    answer = nlpkit_command("next-word", *arguments, "--out", tmp_path / "o", "--quiet")
    complains(answer, 2, message)
    assert list(tmp_path.iterdir()) == []
