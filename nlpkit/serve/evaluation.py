"""The test metrics of a classifier, recomputed from its artefact alone."""

import dataclasses
import heapq
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nlpkit.data.columns import UNKNOWN
from nlpkit.data.guesses import Tell, tell_guesses
from nlpkit.data.labels import Labels
from nlpkit.data.opening import for_testing
from nlpkit.data.sources import Source, open_sources
from nlpkit.data.spec import parse_spec
from nlpkit.errors import InputError, listed
from nlpkit.evaluation.metrics import classification
from nlpkit.export.artefact import damaged
from nlpkit.export.notes import read_column_note
from nlpkit.serve.classifier import ServedClassifier

__all__ = ["Evaluation", "Mistake", "evaluate"]

LABELS = "labels.json"
"""In assets.extra/: the fields of `Labels`, which are the labels in the data and their names."""


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A text that the classifier got wrong.

    Attributes:
        text: The text, whole.
        label: The true class, by name.
        predicted: The class that was predicted.
        score: The probability of that class.
    """

    text: str
    label: str
    predicted: str
    score: float


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """How good a classifier is on labelled data.

    Attributes:
        data: A description of the data.
        examples: The number of examples.
        test: accuracy, macro_f1, log_loss and ece.
        mistakes: The worst mistakes, the most confident first.
    """

    data: str
    examples: int
    test: dict[str, float]
    mistakes: tuple[Mistake, ...]


def evaluate(
    model: ServedClassifier,
    data: str | Path | None = None,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    data_dir: str | Path | None = None,
    worst: int = 10,
    tell: Tell | None = None,
) -> Evaluation:
    """Measures an artefact on labelled data.

    The data are streamed; only K probabilities for each example and the worst mistakes are kept.

    Args:
        model: The loaded artefact.
        data: A SPEC: a file, which is used whole; or a folder, tfds:NAME, or None for the bundled
            reviews, of which the test split is used if there is one.
        text_column: Column with the text; by default the one learnt from, or else a guess.
        label_column: Column with the label; likewise, but guessed by its name only.
        encoding: Encoding of the files; None to find it out.
        header: Whether the first row of a file names its columns; None to find it out.
        data_dir: Folder of the TFDS data sets; None for TFDS's own default.
        worst: The number of mistakes to keep, at least 0.
        tell: Takes one line that says what was guessed; None to discard it.

    Returns:
        The metrics. Labels may be written as in the training data or by the names of the classes;
        rows with a label that training left out are left out here too.

    Raises:
        InputError: If the data cannot be read, are empty, or have a label that the model lacks; if
            `data` is None, but the model was trained on other data than the bundled reviews; or
            if the model is damaged.
    """
    known = read_column_note(model.directory)
    if data is None and known != UNKNOWN:
        raise InputError(
            f"{model.directory}: the model was not trained on the bundled reviews; name the data "
            "to evaluate it on with `--data`."
        )
    sources = open_sources(
        parse_spec(data),
        text_column=text_column,
        label_column=label_column,
        encoding=encoding,
        header=header,
        data_dir=data_dir,
        known=known,
        by_name=True,
    )
    source = for_testing(sources)
    tell_guesses([source], tell)
    labels: list[int] = []
    rows: list[np.ndarray] = []
    mistakes: list[tuple[float, int, Mistake]] = []
    texts = _texts(source, _indices(model), labels)
    for index, prediction in enumerate(model.classify(texts)):
        rows.append(prediction.probabilities)
        label = model.classes[labels[index]]
        if prediction.label != label:
            mistake = Mistake(prediction.text, label, prediction.label, float(prediction.score))
            # The index settles ties, so that mistakes themselves are never compared.
            heapq.heappush(mistakes, (mistake.score, -index, mistake))
            if len(mistakes) > worst:
                heapq.heappop(mistakes)
    if not rows:
        raise InputError(f"{source.name}: there are no examples to evaluate on.")
    metrics = classification(np.stack(rows), np.array(labels))
    ordered = tuple(mistake for *_, mistake in sorted(mistakes, reverse=True))
    return Evaluation(source.name, len(rows), metrics, ordered)


def _indices(model: ServedClassifier) -> dict[str, int | None]:
    """The class index of each spelling of a label, None for one that is left out.

    If ambiguous, the value in the data wins.
    """
    try:
        return _stored_labels(model).spellings()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise damaged(model.directory, LABELS) from None


def _stored_labels(model: ServedClassifier) -> Labels:
    """The labels of the classes in the training data; by default the classes' names."""
    stored = model.extra(LABELS)
    if stored is None:
        return Labels(model.classes, model.classes)
    fields = json.loads(stored)
    values, names = (tuple(map(str, fields[field])) for field in ("values", "names"))
    merged = {str(value): int(index) for value, index in fields.get("merged", {}).items()}
    known = range(len(model.classes))
    if not len(values) == len(names) == len(known) or not set(merged.values()) <= set(known):
        raise ValueError("a class is missing")
    return Labels(values, names, merged, tuple(map(str, fields.get("left_out", ()))))


def _texts(source: Source, indices: dict[str, int | None], labels: list[int]) -> Iterator[str]:
    """The texts of a source; the index of each one's label is appended to `labels`."""
    for location, text, value in source.examples():
        label = source.spelt(value, indices)
        if label not in indices:
            raise InputError(
                f"{source.at(location)}: the label {label!r} must be one that the model knows: "
                f"{listed(indices)}."
            )
        if (index := indices[label]) is not None:
            labels.append(index)
            yield text.decode()
