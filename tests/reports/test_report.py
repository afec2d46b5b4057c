"""What a language model's run leaves: the promised metrics, and a card whose lines run."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from nlpkit import export, models, reports, run, tasks, text
from nlpkit.data import prepare_text
from nlpkit.evaluation import NextWordMetrics, NgramBaseline

pytestmark = pytest.mark.slow

FIGURES = {
    "perplexity": 12.5, "top1": 0.25, "top3": 0.5, "tokens": 900, "out_of_vocabulary": 0.01,
}  # fmt: skip
BASELINE = {**FIGURES, "perplexity": 25.0}
TOKENS = {"train": 7000, "validation": 500, "test": 900}
LOSSES = np.array([[40.0, 20.0], [50.0, 22.0]])
LOG = "epoch,loss,val_loss,learning_rate\n0,5.5,5.0,0.002\n1,5.0,4.8,0.001\n"
SETTINGS = {"command": "next-word", "data": None, "cell": "lstm", "units": 4, "seed": 3}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder as a run leaves it, of an untrained model with opinions."""
    folder = tmp_path_factory.mktemp("run")
    lines = tmp_path_factory.mktemp("data") / "lines.txt"
    lines.write_text("".join(f"This is the {n}th line, is it?\n" for n in range(300)))
    corpus = prepare_text(lines, directory=lines.parent / "passages")
    vocabulary = text.WordVocabulary.learn(corpus.train.texts(), tokenization="words")
    model = models.LanguageModel(len(vocabulary), units=4, seed=0)
    model.embeddings.assign(model.embeddings * 20)
    export.write(export.next_word(text.WordEncoder(vocabulary), model), folder / "saved_model")
    model.save(folder / "model.keras")
    (folder / "training.csv").write_text(LOG)
    clock = run.Clock()
    clock.lap("train")
    settings = {**SETTINGS, "data": str(lines)}
    run.write_json(folder / run.CONFIG, settings)
    metrics = NextWordMetrics(**BASELINE, losses=2 * LOSSES)
    reports.write_report(
        folder,
        reports.TrainedLanguageModel(
            settings=settings,
            corpus=corpus,
            metrics=FIGURES,
            baseline=NgramBaseline(
                "kneser-ney-5", metrics, 1.0, tokens_used=6000, tokens_given=7000
            ),
            parameters=model.count_params(),
            clock=clock,
            vocabulary=vocabulary,
            tokens=TOKENS,
            losses=LOSSES,
            others={"with a cache": FIGURES},
        ),
    )
    return SimpleNamespace(folder=folder, corpus=corpus, vocabulary=vocabulary, lines=lines)


@pytest.fixture
def metrics(made):
    return json.loads((made.folder / "metrics.json").read_text(encoding="utf-8"))


def test_the_folder_holds_what_is_promised(made):
    assert {path.name for path in made.folder.iterdir()} == set(tasks.NEXT_WORD.contents)
    assert (made.folder / "training.png").read_bytes().startswith(b"\x89PNG")


def test_scores_are_kept_for_paired_tests(made):
    with np.load(made.folder / reports.SCORES) as scores:
        np.testing.assert_array_equal(scores["model"], LOSSES)
        np.testing.assert_array_equal(scores["baseline"], 2 * LOSSES)


def test_the_metrics_have_the_promised_shape(made, metrics):
    sides = {"train", "validation", "test"}
    assert metrics["task"] == "next-word"
    assert metrics["data"] == made.lines.name
    assert metrics["form"] == "lines"
    assert sum(metrics["examples"].values()) == 300
    assert all(set(metrics[name]) == sides for name in ("examples", "characters", "tokens"))
    assert (metrics["vocabulary"], metrics["kind"]) == (len(made.vocabulary), "words")
    assert metrics["test"] == FIGURES
    assert metrics["baseline"] == {
        "name": "kneser-ney-5", "perplexity": 25.0, "top1": 0.25, "top3": 0.5, "tokens": 6000,
    }  # fmt: skip
    assert metrics["others"]["with a cache"]["perplexity"] == 12.5
    assert set(metrics["seconds"]) == {"train", "total"}
    assert (metrics["cell"], metrics["seed"]) == ("lstm", 3)
    assert metrics["peak_memory_mb"] > 100 and isinstance(metrics["parameters"], int)
    assert {"python", "nlpkit", "tensorflow", "keras"} <= set(metrics["versions"])


def test_the_settings_can_be_read_again(made):
    assert run.read_config(made.folder, "next-word")["units"] == 4


def test_the_cards_python_lines_run_and_agree_with_each_other(made, monkeypatch, capsys):
    card = (made.folder / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(made.folder)
    names = {}
    for block in re.findall(r"```python\n(.*?)```", card, flags=re.DOTALL):
        exec(compile(block, "README.md", "exec"), names)
    assert capsys.readouterr().out.startswith("This is the ['")
    suggested = names["suggest"](text=tf.constant(["This is the"]))
    stepped = names["best"]
    np.testing.assert_array_equal(
        names["decode"](ids=stepped.indices + 2)["words"], suggested["words"][0, :3]
    )
    np.testing.assert_allclose(tf.exp(stepped.values), suggested["probabilities"][0, :3], atol=1e-6)


def test_the_cards_request_fits_the_signature(made):
    card = (made.folder / "README.md").read_text(encoding="utf-8")
    (request,) = re.findall(r"'(\{\"signature_name\".*?\})'", card, flags=re.DOTALL)
    request = json.loads(request)
    signatures = tf.saved_model.load(str(made.folder / "saved_model")).signatures
    signature = signatures[request["signature_name"]]
    specs = signature.structured_input_signature[1]
    inputs = {
        name: tf.constant(value, specs[name].dtype) for name, value in request["inputs"].items()
    }
    (answer,) = signature(**inputs)["text"].numpy()
    assert answer.decode().startswith("This is the")
