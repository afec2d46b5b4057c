"""The words that have an id: the most frequent ones of a stream of texts."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf

from nlpkit.checks import check_choice, check_positive_integer
from nlpkit.errors import InputError, listed
from nlpkit.text.scripts import UNSPACED
from nlpkit.text.words.lexicon import CONTINUES, continues
from nlpkit.text.words.subwords import learn_pieces
from nlpkit.text.words.tokenization import TOKENIZATIONS, spell, tokenize

__all__ = ["END", "SPECIALS", "UNKNOWN", "WordVocabulary"]

END, UNKNOWN = 0, 1
"""The special ids: the end of a passage (also its start, and padding), and an unknown word."""

SPECIALS = ("</s>", "<unk>")
"""The spellings of END and UNKNOWN."""

_SIZES = {"words": 50_000, "spaces": 2**31 - 1, "subwords": 16_000}
_MAX_COUNTED = 1 << 21


@dataclasses.dataclass(frozen=True)
class WordVocabulary:
    """The words that a language model knows, and the tokenization.

    Attributes:
        words: Every word, `SPECIALS` first; its index is its id.
        tokenization: How texts are split: "words" (raw text), "spaces" (at spaces only) or
            "subwords" (at spaces, then into pieces; `##` marks those that continue a word).

    Raises:
        InputError: If `words` does not begin with `SPECIALS` or holds one word twice or an empty
            one, or if `tokenization` is none of the three.

    Example:
        >>> WordVocabulary(("</s>", "<unk>", "the"), "words").words[2]
        'the'
    """

    words: tuple[str, ...]
    tokenization: str

    def __post_init__(self) -> None:
        check_choice("tokenization", self.tokenization, TOKENIZATIONS)
        if self.words[: len(SPECIALS)] != SPECIALS:
            first = listed(self.words[: len(SPECIALS)]) or "nothing"
            raise InputError(f"`words` must begin with {listed(SPECIALS)}, got {first}.")
        if "" in self.words:
            raise InputError("`words` must hold no empty string.")
        if len(set(self.words)) < len(self.words):
            twice = [word for word, count in Counter(self.words).items() if count > 1]
            raise InputError(f"`words` must hold each word once, got {listed(twice)} twice.")

    def __len__(self) -> int:
        """Number of ids, V, specials included."""
        return len(self.words)

    @property
    def continues(self) -> np.ndarray:
        """Which ids are pieces that continue a word: bool [V]; all false except for "subwords"."""
        return np.array(
            [self.tokenization == "subwords" and continues(word) for word in self.words]
        )

    @property
    def written(self) -> tuple[str, ...]:
        """Each word or piece as it appears in a text, without the prefix `##`."""
        return tuple(
            word[len(CONTINUES) :] if continued else word
            for word, continued in zip(self.words, self.continues, strict=True)
        )

    @property
    def spaced(self) -> bool:
        """Whether words are written apart, so that there are whole words to measure and suggest.

        They are not if most pieces are in a script without spaces, and at least a fourth of the
        longer ones are continuations: what stands between spaces is then a sentence.
        """
        pieces, inside = self.written[len(SPECIALS) :], self.continues[len(SPECIALS) :]
        longer = np.array([len(piece) > 1 for piece in pieces], bool)
        unspaced = sum(1 for piece in pieces if UNSPACED.search(piece))
        return (
            self.tokenization != "subwords"
            or 2 * unspaced <= len(pieces)
            or bool(np.sum(longer & ~inside) > 3 * np.sum(longer & inside))
        )

    @property
    def characters(self) -> np.ndarray | None:
        """The number of characters of each id, where words are not `spaced`: int [V].

        A piece that begins a word has one more, for the space or line end before it. None if
        words are spaced.
        """
        if self.spaced:
            return None
        count = np.array([len(piece) for piece in self.written]) + ~self.continues
        count[[END, UNKNOWN]] = 0, 1
        return count

    @classmethod
    def learn(
        cls,
        batches: Iterable[tf.Tensor],
        *,
        tokenization: str,
        size: int | None = None,
        min_count: int | None = None,
    ) -> "WordVocabulary":
        """Counts the words of a stream of texts.

        Args:
            batches: string tensors [N], in any order; the result does not depend on it (unless the
                stream holds more than two million different words: then rare ones are forgotten
                now and then).
            tokenization: How texts are split; see the class.
            size: The most ids, special tokens included; the most frequent words get one, and ties
                go to the smaller string. At least 3. Default: 50,000; 16,000 for "subwords"; no
                limit for "spaces", where the vocabulary is already chosen.
            min_count: How often a word or piece must occur. At least 1. Default: 2; 1 for "spaces",
                where rare words are already `<unk>`.

        Returns:
            The vocabulary, the most frequent words first.

        Raises:
            InputError: If `tokenization` is unknown, `size` or `min_count` is out of range, or no
                word occurs often enough.

        Example:
            >>> WordVocabulary.learn([tf.constant(["a b, a b.", "a"])], tokenization="words").words
            ('</s>', '<unk>', 'a', 'b')
        """
        check_choice("tokenization", tokenization, TOKENIZATIONS)
        size = _SIZES[tokenization] if size is None else size
        min_count = (1 if tokenization == "spaces" else 2) if min_count is None else min_count
        check_positive_integer("size", size)
        check_positive_integer("min_count", min_count)
        if size <= len(SPECIALS):
            raise InputError(f"`size` must be at least {len(SPECIALS) + 1}, got {size}.")
        counts, room = _count(batches, tokenization), size - len(SPECIALS)
        if tokenization == "subwords":
            best = learn_pieces(counts, size=room, min_count=min_count)
        else:
            frequent = [item for item in counts.items() if item[1] >= min_count]
            frequent.sort(key=lambda item: (-item[1], item[0]))
            best = [word for word, _ in frequent[:room]]
        if not best:
            times = "at all" if min_count == 1 else f"{min_count} times"
            raise InputError(f"no word occurs {times} in the text to learn from; add text.")
        return cls((*SPECIALS, *best), tokenization)


def _count(batches: Iterable[tf.Tensor], tokenization: str) -> dict[str, int]:
    """How often each word occurs, special tokens excluded."""
    spelled = _speller(tokenization)
    counts: Counter[bytes] = Counter()
    for batch in batches:
        counts.update(spelled(batch).numpy().tolist())
        if len(counts) > _MAX_COUNTED:
            counts = _without_rare(counts)
    strings = ((word.decode(), count) for word, count in counts.items())
    return {word: count for word, count in strings if word not in SPECIALS}


def _speller(tokenization: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """A compiled function of texts to all their words."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def spelled(texts: tf.Tensor) -> tf.Tensor:
        return spell(tokenize(texts, tokenization=tokenization))

    return spelled


def _without_rare(counts: Counter) -> Counter:
    """Forgets words seen once, then twice, … until half of the room is free again."""
    rare = 0
    while len(counts) > _MAX_COUNTED // 2:
        rare += 1
        counts = Counter({word: count for word, count in counts.items() if count > rare})
    return counts
