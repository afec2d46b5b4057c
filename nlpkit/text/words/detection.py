"""Detects the tokenization that suits a text, from its lines.

Lines are counted rather than letters: a syllable or an ideograph carries as much as several Latin
letters, so counts of letters cannot be compared between scripts.
"""

import re
from collections.abc import Iterable, Iterator

import tensorflow as tf

from nlpkit.text.scripts import GLUED, LETTER
from nlpkit.text.words.vocabulary import SPECIALS, UNKNOWN

__all__ = ["PretokenizedDetector", "detect_tokenization"]

_UNKNOWN = SPECIALS[UNKNOWN]
_LINES_LOOKED_AT = 4_096
_ENOUGH = 0.02  # of the lines; who replaces rare words by `<unk>` does so in many more
_ATTACHED = re.compile(r"\w[,;:!?](?!\S)")  # no full stop: "Corp." keeps it when words are cut


class PretokenizedDetector:
    """Detects text that has been tokenized already, as corpora for language models are.

    In such a corpus at least one line in fifty has more `<unk>` between spaces than punctuation
    marks attached to words. Prose that only mentions `<unk>` now and then is not detected.

    Example:
        >>> detector = PretokenizedDetector()
        >>> for line in ("the <unk> said , no", "Say <unk>, then go on."):
        ...     detector.add(line)
        >>> detector.lines, detector.tokenized, detector.detected
        (2, 1, True)
    """

    def __init__(self) -> None:
        self.lines = 0
        self.tokenized = 0

    def add(self, line: str) -> None:
        """Examines one line that is not blank.

        Args:
            line: The line.
        """
        self.lines += 1
        if _UNKNOWN in line:
            self.tokenized += line.split().count(_UNKNOWN) > len(_ATTACHED.findall(line))

    @property
    def detected(self) -> bool:
        """Whether the text has been tokenized already."""
        return self.tokenized > 0 and self.tokenized >= _ENOUGH * self.lines


def detect_tokenization(batches: Iterable[tf.Tensor]) -> str:
    """Detects the tokenization that suits texts, from the first few thousand lines.

    Args:
        batches: string tensors [N], a line each.

    Returns:
        "spaces" if the text has been tokenized already, see `PretokenizedDetector`;
        else "subwords" if at least half of the lines, or half of all words, are in a script that is
        written without spaces or that of an agglutinative language (Hangul, Han, kana, Thai, …);
        else "words". A line is in such a script if at least half of its words are.

    Example:
        >>> detect_tokenization([tf.constant(["영화가 좋다"])])
        'subwords'
    """
    detector = PretokenizedDetector()
    lines = glued_lines = words = glued_words = 0
    for line in _first_lines(batches):
        detector.add(line)
        here = [word for word in line.split() if LETTER.search(word)]
        glued = sum(1 for word in here if GLUED.search(word))
        lines += bool(here)
        glued_lines += glued > 0 and 2 * glued >= len(here)
        words += len(here)
        glued_words += glued
    if detector.detected:
        return "spaces"
    mostly = 2 * glued_lines >= lines or 2 * glued_words >= words
    return "subwords" if glued_words and mostly else "words"


def _first_lines(batches: Iterable[tf.Tensor]) -> Iterator[str]:
    """The first few thousand texts that are not blank."""
    looked_at = 0
    for batch in batches:
        for text in batch.numpy().tolist():
            line = text.decode("utf-8", "replace")
            if line.strip():
                yield line
                looked_at += 1
                if looked_at == _LINES_LOOKED_AT:
                    return
