"""What a language model's run has to tell."""

import dataclasses
from collections.abc import Mapping
from typing import Any

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
        settings: As for `Trained`, like the five below it.
        corpus: A `nlpkit.data.TextCorpus`.
        metrics: As `NextWordMetrics.as_dict` gives them.
        baseline: A `nlpkit.evaluation.NgramBaseline`.
        parameters: See `Trained`.
        clock: See `Trained`.
        vocabulary: The words that the model knows.
        tokens: For each split ("train", "validation", "test") its tokens, ends of passages
            included.
        others: Figures of variants by name, for example of the model with a cache.
    """

    vocabulary: WordVocabulary
    tokens: Mapping[str, int]
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

    def card(self, metrics: Mapping[str, Any]) -> str:
        return language_card(metrics, self.settings, format_version=FORMAT)


def _telling(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics that tell one model from another on the same tokens."""
    return {name: metrics[name] for name in _COMPARED if name in metrics}
