import ast
import json
import re
import shlex
from pathlib import Path

import pytest

from nlpkit.evaluation.calibration import HIGHEST, LOWEST
from nlpkit.reports.classifier_card import classifier_card

METRICS = {
    "task": "sentiment",
    "data": "/home/someone/reviews_train.tsv",
    "examples": {"train": 1200, "validation": 100, "test": 200},
    "classes": ["negative", "긍정|정"],
    "test": {"accuracy": 0.8751, "macro_f1": 0.875, "log_loss": 0.3012, "ece": 0.0123},
    "baseline": {"name": "tfidf-logistic-regression", "features": "words", "accuracy": 0.8726},
    "majority_class": {"name": "긍정|정", "accuracy": 0.75, "macro_f1": 0.4286},
    "comparison": {
        "baseline": {"difference": 0.0025, "margin": 0.0102, "p_value": 0.69},
        "majority_class": {"difference": 0.1251, "margin": 0.061, "p_value": 0.00012},
    },
    "per_class": {
        "negative": {"precision": 0.7, "recall": 0.8125, "f1": 0.752, "support": 48},
        "긍정|정": {"precision": 0.95, "recall": 0.9, "f1": 0.92432, "support": 1520},
    },
    "parameters": 1234567,
    "seconds": {"train": 61.2, "total": 80.4},
    "peak_memory_mb": 1500.5,
    "cell": "lstm",
    "seed": 3,
    "versions": {"nlpkit": "0.1", "tensorflow": "2.21.0"},
}
CONFIG = {
    "data": "/home/someone/reviews_train.tsv",
    "test_data": Path("someone/reviews_test.tsv"),
    "valid_data": None,
    "out": "C:\\someone\\run",
    "cache": "/someone/cache",
    "label_names": "0=no,1=n/a",
    "units": 64,
    "max_length": 1200,
}
COUNTS = {"train": {"negative": 300, "긍정|정": 900}}


def card(**changes):
    options = {"format_version": 1, "class_counts": COUNTS, "overlap": 3, **changes}
    metrics = {**METRICS, **options.pop("metrics", {})}
    return classifier_card(metrics, options.pop("config", CONFIG), **options)


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    "line",
    [
        "| train | 1,200 | 25.0% | 75.0% |",
        "| test | 200 | – | – |",
        "| split | examples | negative | 긍정\\|정 |",
        "|  | this model | tfidf-logistic-regression | majority class |",
        "| accuracy | 87.51% | 87.26% | 75.00% |",
        "| macro F1 | 0.8750 | – | 0.4286 |",
        "| log loss (nats) | 0.3012 | – | – |",
        "| class | precision | recall | F1 | support |",
        "| negative | 0.7000 | 0.8125 | 0.7520 | 48 |",
        "| 긍정\\|정 | 0.9500 | 0.9000 | 0.9243 | 1,520 |",
        "With only 200 texts in the test split, the standard error of the accuracy is 2.4 "
        "percentage points.",
        "| `units` | 64 |",
        "| `data` | reviews\\_train.tsv |",
        "| `test_data` | reviews\\_test.tsv |",
        "| `valid_data` | – |",
        "| `out` | run |",
        "| `label_names` | 0=no,1=n/a |",
        "* tensorflow 2.21.0",
        "Trained in 61 s (80 s in all) with at most 1,500 MB of memory, by",
        "`nlpkit sentiment --config config.json --out ../again`.",
        "nlpkit evaluate saved_model --data reviews.tsv",
        "`reviews_train.tsv`. Classes: negative, 긍정\\|정.",
    ],
)
def test_the_card_has_the_line(line):
    assert line in card().splitlines()


@pytest.mark.parametrize(
    ("vectors", "start"),
    [(None, "scratch"), ("/home/someone/wiki.vec", "the word vectors in `wiki.vec`")],
)
def test_what_the_training_started_from_is_told(vectors, start):
    text = card(config={**CONFIG, "vectors": vectors})
    assert f"was trained by nlpkit 0.1 from {start}, and" in " ".join(text.split())
    assert "someone" not in text


def test_no_folder_of_the_machine_is_told():
    assert "someone" not in card()


def test_a_tfds_name_is_told_in_full():
    text = card(metrics={"data": "tfds:imdb_reviews/plain_text"})
    assert "`tfds:imdb_reviews/plain_text`" in text


@pytest.mark.parametrize(
    ("fraction", "message"),
    [
        (0.65, "words\nmakes up 65% of the logits, which the validation split decided"),
        (0.0, "a dense layer. It has"),
    ],
)
def test_the_linear_part_is_named_where_there_is_one(fraction, message):
    assert message in card(metrics={"linear_fraction": fraction})


def test_a_part_has_a_column_of_its_own():
    alone = {"accuracy": 0.8125, "macro_f1": 0.81, "log_loss": 0.5, "ece": 0.05}
    text = card(metrics={"parts": {"network alone": alone}})
    assert "|  | this model | network alone | tfidf-logistic-regression | majority class |" in text
    assert "| 81.25% |" in text
    assert 'The columns "alone" are for the recurrent network' in text
    assert '"alone"' not in card()


@pytest.mark.parametrize(
    ("temperature", "message"), [(1.25, "(T = 1.250)"), (None, "validation split,")]
)
def test_the_temperature_is_named_where_there_is_one(temperature, message):
    assert message in card(temperature=temperature)


def test_the_length_that_is_read_is_said_once_and_in_the_first_sentence():
    text = card()
    assert "it reads the first 1,200 tokens" in text
    assert "any length" not in text


@pytest.mark.parametrize(
    ("temperature", "message"),
    [
        (LOWEST, "lower bound of the search: probabilities may still be too low)"),
        (LOWEST * (1 + 1e-6), "lower bound of the search: probabilities may still be too low)"),
        (HIGHEST * (1 - 1e-6), "upper bound of the search: probabilities may still be too high)"),
    ],
)
def test_a_temperature_at_a_bound_of_the_search_is_said_to_be_so(temperature, message):
    assert message in card(temperature=temperature)


EVERY = METRICS["examples"]["train"] + METRICS["examples"]["validation"]


@pytest.mark.parametrize(
    ("used", "message"),
    [({}, "all"), ({"examples": EVERY}, "all"), ({"examples": 900}, "900 examples")],
)
def test_a_baseline_that_learnt_from_less_says_so(used, message):
    text = card(metrics={"baseline": {**METRICS["baseline"], **used}})
    assert f"learnt from {message} of the training and validation texts" in text


def test_the_format_version_is_named():
    assert "artefact format version 7." in card(format_version=7)


def test_the_python_lines_are_python_and_ten():
    (code,) = blocks(card(example="돈이 아깝다"), "python")
    ast.parse(code)
    assert len(code.splitlines()) <= 10
    assert "nlpkit" not in code


def test_the_requests_to_tensorflow_serving_are_json_for_one_input_named_text():
    commands = [
        shlex.split(line) for line in blocks(card(), "sh")[1].splitlines() if "curl" in line
    ]
    rows, columns = (json.loads(command[-1]) for command in commands)
    assert rows == {"instances": ["well worth it", ""]}
    assert columns == {"inputs": {"text": ["well worth it", ""]}}
    assert {command[1] for command in commands} == {
        "http://localhost:8501/v1/models/sentiment:predict"
    }


def test_the_container_finds_the_model_under_its_name_and_version_one():
    docker = blocks(card(name="reviews"), "sh")[1].split("\n\n")[0]
    words = shlex.split(docker)
    assert words[:2] == ["docker", "run"] and words[-1] == "tensorflow/serving"
    assert "MODEL_NAME=reviews" in words
    assert "$PWD/saved_model:/models/reviews/1:ro" in words


def test_every_placeholder_is_filled():
    assert not re.search(r"\$(?!PWD)", card())


def test_the_card_tells_how_many_test_texts_were_seen_in_training():
    assert re.search(
        r"Of the [\d,]+ test texts 7 occur in the training split too\.", card(overlap=7)
    )
