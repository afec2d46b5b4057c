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
"""In assets.extra/: what the data call each class, the fields of `Labels`."""


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A text that the classifier got wrong.

    Attributes:
        text: The text, whole.
        label: Its class, by name.
        predicted: The class that the classifier said.
        score: The probability it gave that class.
    """

    text: str
    label: str
    predicted: str
    score: float


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """How good a classifier is on labelled data.

    Attributes:
        data: What was evaluated on, in words.
        examples: How many.
        test: accuracy, macro_f1, log_loss and ece.
        mistakes: The worst, the surest first.
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
    """Runs labelled data through an artefact, and measures.

    The data stream; what is kept are K probabilities an example, and the worst mistakes.

    Args:
        model: The artefact, loaded.
        data: A SPEC: a file, all of it; a folder, tfds:NAME or None for the bundled reviews, of
            which the test split is taken if there is one.
        text_column: Column with the text; None for the one learnt from, else to guess.
        label_column: Column with the label; likewise, and only by its name.
        encoding: Encoding of the files; None to find it out.
        header: Whether the first row of a file names its columns; None to find it out.
        data_dir: Where TFDS data sets lie; None for TFDS's own default.
        worst: How many mistakes to keep, at least 0.
        tell: Takes one line that says what was guessed; None for nobody.

    Returns:
        The metrics. Labels may be written as in the training data or by the names of the classes;
        rows with a label that training left out are left out here too.

    Raises:
        InputError: If the data cannot be read, are empty, or hold a label that the model lacks; if
            there are none and the model has learnt others than the bundled ones; or if the model
            is damaged.
    """
    known = read_column_note(model.directory)
    if data is None and known != UNKNOWN:
        raise InputError(
            f"{model.directory}: the model has not learnt the bundled reviews; say with `--data` "
            "what to evaluate it on."
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
    for place, found in enumerate(model.classify(texts)):
        rows.append(found.probabilities)
        label = model.classes[labels[place]]
        if found.label != label:
            mistake = Mistake(found.text, label, found.label, float(found.score))
            # The place settles ties, so that mistakes themselves are never compared.
            heapq.heappush(mistakes, (mistake.score, -place, mistake))
            if len(mistakes) > worst:
                heapq.heappop(mistakes)
    if not rows:
        raise InputError(f"{source.name}: there is no example to evaluate on.")
    metrics = classification(np.stack(rows), np.array(labels))
    ordered = tuple(mistake for *_, mistake in sorted(mistakes, reverse=True))
    return Evaluation(source.name, len(rows), metrics, ordered)


def _indices(model: ServedClassifier) -> dict[str, int | None]:
    """The class index of each spelling of a label, None of one that is left out.

    Of two meanings the data's own value wins.
    """
    try:
        return _stored_labels(model).spellings()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise damaged(model.directory, LABELS) from None


def _stored_labels(model: ServedClassifier) -> Labels:
    """What the training data call the classes; the classes' names if the artefact does not say."""
    stored = model.extra(LABELS)
    if stored is None:
        return Labels(model.classes, model.classes)
    fields = json.loads(stored)
    values, names = (tuple(map(str, fields[field])) for field in ("values", "names"))
    merged = {str(value): int(index) for value, index in fields.get("merged", {}).items()}
    if not len(values) == len(names) == len(model.classes) > max(merged.values(), default=0):
        raise ValueError("a class is missing")
    return Labels(values, names, merged, tuple(map(str, fields.get("left_out", ()))))


def _texts(source: Source, indices: dict[str, int | None], labels: list[int]) -> Iterator[str]:
    """The texts of a source; the index of each one's label is appended to `labels`."""
    for place, text, found in source.examples():
        label = source.spelt(found, indices)
        if label not in indices:
            raise InputError(
                f"{source.at(place)}: the label {label!r} must be one that the model knows: "
                f"{listed(indices)}."
            )
        if (index := indices[label]) is not None:
            labels.append(index)
            yield text.decode()
