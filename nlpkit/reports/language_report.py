"""The results of a language model's training, and how they are reported."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from nlpkit.export.artefact import FORMAT
from nlpkit.reports.language_card import language_card
from nlpkit.reports.provenance import scripts
from nlpkit.reports.report import Trained
from nlpkit.text import WordVocabulary

__all__ = ["TrainedLanguageModel"]

_COMPARED = ("perplexity", "word_perplexity", "bits_per_character", "top1", "top3")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainedLanguageModel(Trained):
    """A trained language model.

    Attributes:
        settings: See `Trained`.
        corpus: A `nlpkit.data.TextCorpus`.
        metrics: The metrics of `NextWordMetrics.as_dict` on the test split.
        baseline: A `nlpkit.evaluation.NgramBaseline`.
        parameters: See `Trained`.
        clock: See `Trained`.
        vocabulary: The vocabulary of the model.
        tokens: The number of tokens of each split ("train", "validation", "test"), ends of passages
            included.
        losses: float[P, 2], what each test passage lost, from `passage_losses`.
        others: The metrics of variants by name, for example of the model with a cache.
    """

    vocabulary: WordVocabulary
    tokens: Mapping[str, int]
    losses: np.ndarray
    others: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)

    @property
    def compared(self) -> dict[str, Mapping[str, float]]:
        theirs = self.baseline.metrics.as_dict()
        return {self.settings["cell"]: self.metrics, **self.others, self.baseline.name: theirs}

    @property
    def facts(self) -> dict[str, Any]:
        _, *others, (name, metrics) = self.compared.items()
        return {
            "form": self.corpus.form,
            **({"left_out": self.corpus.left_out} if self.corpus.left_out else {}),
            "characters": {name: split.characters for name, split in self.splits.items()},
            "tokens": {name: self.tokens[name] for name in self.splits},
            "scripts": scripts(self.corpus.train),
            "vocabulary": len(self.vocabulary),
            "kind": self.vocabulary.tokenization,
            "baseline": {"name": name, **_telling(metrics), "tokens": self.baseline.tokens_used},
            **({"others": {name: _telling(row) for name, row in others}} if others else {}),
        }

    @property
    def scores(self) -> dict[str, np.ndarray]:
        """float[P, 2] each, from `passage_losses`."""
        return {"model": self.losses, "baseline": self.baseline.metrics.losses}

    def card(self, metrics: Mapping[str, Any]) -> str:
        return language_card(metrics, self.settings, format_version=FORMAT)


def _telling(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics in which models differ on the same tokens."""
    return {name: metrics[name] for name in _COMPARED if name in metrics}
