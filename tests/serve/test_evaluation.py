"""Figures recomputed from an artefact are those of its answers, and mistakes are told."""

import json
import shutil
import unicodedata

import numpy as np
import pytest

from nlpkit import export, serve
from nlpkit.data import Columns
from nlpkit.errors import InputError
from nlpkit.evaluation.metrics import classification
from nlpkit.serve import evaluation
from tests.artefacts import CLASSES

TEXTS = [f"text number {n} " + chr(0xAC00 + 37 * n) * n for n in range(90)]
VALUES = [str(n % 2) for n in range(90)]


@pytest.fixture
def table(tmp_path):
    """Writes labelled texts as JSON lines."""

    def write(labels, texts=TEXTS):
        path = tmp_path / "data.jsonl"
        rows = [{"text": text, "label": label} for text, label in zip(texts, labels, strict=True)]
        path.write_text("\n".join(json.dumps(row) for row in rows))
        return path

    return write


@pytest.mark.parametrize("spelling", ["values", "names", "integers", "decomposed", "invisible"])
def test_the_figures_are_those_of_the_answers(model, table, spelling):
    written = {
        "values": VALUES,
        "names": [CLASSES[int(value)] for value in VALUES],
        "decomposed": [unicodedata.normalize("NFD", CLASSES[int(value)]) for value in VALUES],
        "invisible": [f"{value}\u200b" for value in VALUES],
        "integers": [float(value) for value in VALUES],
    }
    measured = serve.evaluate(model, table(written[spelling]))
    probabilities = np.stack([p.probabilities for p in model.classify(TEXTS)])
    assert measured.test == pytest.approx(
        classification(probabilities, np.array(VALUES, int)), abs=1e-6
    )
    assert set(measured.test) == {"accuracy", "macro_f1", "log_loss", "ece"}
    assert measured.examples == len(TEXTS)


MERGED = {"values": ["1", "4"], "names": list(CLASSES), "merged": {"2": 0, "5": 1},
          "left_out": ["3"]}  # fmt: skip


def test_values_of_one_class_are_one_and_those_left_out_are_no_example(
    model, artefact, table, tmp_path, monkeypatch
):
    shutil.copytree(artefact, tmp_path / "copy")
    (tmp_path / "copy" / "assets.extra" / "labels.json").write_text(json.dumps(MERGED))
    monkeypatch.setattr(model, "directory", tmp_path / "copy")
    stars = [n % 5 + 1 for n in range(90)]
    actual = serve.evaluate(model, table(stars))
    kept = [(text, int(star > 3)) for text, star in zip(TEXTS, stars, strict=True) if star != 3]
    texts, truth = zip(*kept, strict=True)
    probabilities = np.stack([p.probabilities for p in model.classify(texts)])
    assert actual.examples == 72
    assert actual.test == pytest.approx(classification(probabilities, np.array(truth)), abs=1e-6)


@pytest.mark.parametrize("worst", [0, 3, 10])
def test_the_worst_mistakes_are_the_surest_ones(model, table, worst):
    measured = serve.evaluate(model, table(VALUES), worst=worst)
    answers = zip(model.classify(TEXTS), VALUES, strict=True)
    wrong = [(p, CLASSES[int(v)]) for p, v in answers if p.label != CLASSES[int(v)]]
    wrong.sort(key=lambda pair: pair[0].score, reverse=True)
    assert [(m.text, m.predicted, m.label) for m in measured.mistakes] == [
        (p.text, p.label, label) for p, label in wrong[:worst]
    ]


def test_without_stored_values_the_names_are_the_labels(model, table, monkeypatch):
    monkeypatch.setattr(evaluation, "LABELS", "absent.json")
    measured = serve.evaluate(model, table([CLASSES[int(value)] for value in VALUES]))
    assert measured.examples == len(TEXTS)
    with pytest.raises(InputError, match="label '0' must be one that the model knows: 'negative'"):
        serve.evaluate(model, table(VALUES))


@pytest.mark.parametrize(
    "content",
    [b"", b'{"values": ', b"[]", b'{"values": ["0", "1"]}', b'{"values": 1, "names": 2}',
     b'{"values": ["0", "1"], "names": ["a", "b"], "merged": {"2": 2}}',
     b'{"values": ["0"], "names": ["bad"]}', b"\xff", b"[" * 100_000],
)  # fmt: skip
def test_damaged_labels_are_named(model, artefact, table, tmp_path, monkeypatch, content):
    shutil.copytree(artefact, tmp_path / "copy")
    (tmp_path / "copy" / "assets.extra" / "labels.json").write_bytes(content)
    monkeypatch.setattr(model, "directory", tmp_path / "copy")
    with pytest.raises(InputError, match=r"copy: the model is damaged \(labels\.json\)"):
        serve.evaluate(model, table(VALUES))


def test_a_label_that_the_model_lacks_is_named_with_its_line(model, table):
    message = "data.jsonl, line 3: the label 'maybe' must be one that the model knows: .*'0', '1'"
    with pytest.raises(InputError, match=message):
        serve.evaluate(model, table(["0", "1", "maybe"], TEXTS[:3]))


@pytest.fixture
def learnt_from(model, artefact, tmp_path, monkeypatch):
    """Notes the columns in a copy of the artefact."""

    def note(columns):
        shutil.copytree(artefact, tmp_path / "copy")
        for name, content in export.column_note(columns).items():
            (tmp_path / "copy" / "assets.extra" / name).write_text(content)
        monkeypatch.setattr(model, "directory", tmp_path / "copy")

    return note


def test_the_columns_learnt_from_are_looked_for_first(model, learnt_from, tmp_path):
    (tmp_path / "x.csv").write_text("text,Satz,Urteil,label\nno,a,1,7\nno,b,0,8\n")
    learnt_from(Columns("Satz", "Urteil"))
    measured = serve.evaluate(model, tmp_path / "x.csv")
    assert measured.examples == 2
    assert {mistake.text for mistake in measured.mistakes} <= {"a", "b"}


@pytest.mark.parametrize("columns", [Columns("document", "label"), Columns()])
def test_ids_are_never_taken_for_labels(model, learnt_from, tmp_path, columns):
    (tmp_path / "x.csv").write_text("tweet_id,tweet\n0,a fine film\n1,a bad one\n")
    learnt_from(columns)
    with pytest.raises(InputError, match=r"x\.csv: no column holds labels by its name"):
        serve.evaluate(model, tmp_path / "x.csv")


def test_missing_data_are_named(model):
    with pytest.raises(InputError, match="missing.csv: there is no such file"):
        serve.evaluate(model, "missing.csv")
