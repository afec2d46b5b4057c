"""What the look of its lines tells of a text: how its words are best cut.

A line counts as one, however long it is: a syllable or an ideograph says as much as several Latin
letters, so that letters cannot be compared between scripts.
"""

import re
from collections.abc import Iterable, Iterator

import tensorflow as tf

from nlpkit.text.scripts import GLUED, LETTER
from nlpkit.text.word_vocabulary import SPECIALS, UNKNOWN

__all__ = ["Cutting", "kind_of"]

_UNKNOWN = SPECIALS[UNKNOWN]
_LINES_LOOKED_AT = 4_096
_ENOUGH = 0.02  # of the lines; who replaces rare words by `<unk>` does so in many more
_ATTACHED = re.compile(r"\w[,;:!?](?!\S)")  # no full stop: "Corp." keeps it when words are cut


class Cutting:
    """Whether a text has been cut into words already, by its lines.

    It has if in one of fifty lines `<unk>` stands between spaces more often than a comma or its
    like hangs on a word, as in a corpus for language models. Prose may mention `<unk>`, too.

    Example:
        >>> found = Cutting()
        >>> for line in ("the <unk> said , no", "Say <unk>, then go on."):
        ...     found.add(line)
        >>> found.lines, found.cut, found.done
        (2, 1, True)
    """

    def __init__(self) -> None:
        self.lines = 0
        self.cut = 0

    def add(self, line: str) -> None:
        """Looks at one line that is not blank.

        Args:
            line: The line.
        """
        self.lines += 1
        if _UNKNOWN in line:
            self.cut += line.split().count(_UNKNOWN) > len(_ATTACHED.findall(line))

    @property
    def done(self) -> bool:
        """Whether it has been cut."""
        return self.cut > 0 and self.cut >= _ENOUGH * self.lines


def kind_of(batches: Iterable[tf.Tensor]) -> str:
    """Says how texts are best cut, by the look of the first few thousand lines.

    Args:
        batches: string tensors [N], a line each.

    Returns:
        "spaces" if the text has been cut already, see `Cutting`; else "subwords" if half of the
        lines, or half of all words, are of a script that is written without spaces or whose
        language glues endings to words (Hangul, Han, kana, Thai, …); else "words". A line is of
        such a script if half of its words are.

    Example:
        >>> kind_of([tf.constant(["the <unk> said"])]), kind_of([tf.constant(["영화가 좋다"])])
        ('spaces', 'subwords')
    """
    cutting = Cutting()
    lines = glued_lines = words = glued_words = 0
    for line in _first_lines(batches):
        cutting.add(line)
        here = [word for word in line.split() if LETTER.search(word)]
        glued = sum(1 for word in here if GLUED.search(word))
        lines += bool(here)
        glued_lines += glued > 0 and 2 * glued >= len(here)
        words += len(here)
        glued_words += glued
    if cutting.done:
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
