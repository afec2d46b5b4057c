"""The results of a classifier's training, and how they are reported."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nlpkit.data import overlap
from nlpkit.evaluation.calibration import Calibration
from nlpkit.evaluation.comparison import compare_accuracy
from nlpkit.evaluation.majority import majority_class
from nlpkit.evaluation.metrics import confusion, per_class
from nlpkit.export.artefact import FORMAT
from nlpkit.reports import pictures
from nlpkit.reports.classifier_card import classifier_card
from nlpkit.reports.provenance import scripts
from nlpkit.reports.report import Trained

__all__ = ["TrainedClassifier"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainedClassifier(Trained):
    """A trained classifier.

    Attributes:
        settings: See `Trained`.
        corpus: A `nlpkit.data.Corpus`.
        metrics: The metrics of `nlpkit.evaluation.classification` on the test split.
        baseline: A `nlpkit.evaluation.Baseline`.
        parameters: See `Trained`.
        clock: See `Trained`.
        probabilities: The model's answers on the test split, [N, K], in the split's order, which
            is also that of the baseline's.
        truth: The true classes of the test split, [N].
        calibration: How the logits became probabilities.
        parts: The metrics of the model's parts, each alone, by name. Default: none.
    """

    probabilities: np.ndarray
    truth: np.ndarray
    calibration: Calibration
    parts: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)

    validation = "validation (network, calibrated)"

    @property
    def compared(self) -> dict[str, Mapping[str, float]]:
        name = self.settings["cell"] + (" + linear" if self.calibration.fraction else "")
        return {name: self.metrics, **self.parts, self.baseline.name: self.baseline.metrics}

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "scripts": scripts(text for text, _ in self.corpus.train),
            "classes": list(self.corpus.labels.names),
            "linear_fraction": self.calibration.fraction,
            **({"parts": dict(self.parts)} if self.parts else {}),
            "baseline": {
                "name": self.baseline.name,
                **self.baseline.metrics,
                **self.baseline.chosen._asdict(),
                "examples": self.baseline.examples_used,
                "seconds": round(self.baseline.seconds, 1),
            },
            **self._judged(),
        }

    def _judged(self) -> dict[str, Any]:
        """The metrics of each class, the most frequent class, and the comparisons."""
        names, predicted = self.corpus.labels.names, self.probabilities.argmax(axis=1)
        majority = majority_class(self.corpus.train.class_counts, predicted, self.truth)
        theirs = self.baseline.probabilities.argmax(axis=1)
        against = compare_accuracy(predicted, theirs, self.truth)
        return {
            "majority_class": {"name": names[majority.index], **majority.metrics},
            "comparison": {
                "baseline": dataclasses.asdict(against),
                "majority_class": dataclasses.asdict(majority.comparison),
            },
            "per_class": dict(zip(names, per_class(self.probabilities, self.truth), strict=True)),
        }

    @property
    def scores(self) -> dict[str, np.ndarray]:
        """bool[N] each: whether the model and the baseline were right."""
        answers = {"model": self.probabilities, "baseline": self.baseline.probabilities}
        return {name: each.argmax(axis=1) == self.truth for name, each in answers.items()}

    def card(self, metrics: Mapping[str, Any]) -> str:
        names = self.corpus.labels.names
        return classifier_card(
            metrics,
            self.settings,
            format_version=FORMAT,
            class_counts={
                name: dict(zip(names, split.class_counts, strict=True))
                for name, split in self.splits.items()
            },
            overlap=overlap(self.corpus.train, self.corpus.test),
            temperature=self.calibration.temperature,
        )

    def drawn(self) -> dict[str, Figure]:
        matrix = confusion(self.probabilities, self.truth)
        return {
            "confusion_matrix": pictures.confusion_picture(matrix, self.corpus.labels.names),
            "reliability": pictures.reliability_diagram(self.probabilities, self.truth),
        }
