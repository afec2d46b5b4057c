"""Which passages of a text are held out: by hash, or by position."""

import hashlib
import math

__all__ = ["ByHash", "ByPosition"]

_TEST = 0.1
_VALIDATION = 0.05
_HASH_BYTES = 8


class ByHash:
    """Assigns texts to splits by hash, so that the split is reproducible and independent of order.

    A tenth goes to the test split and a twentieth to validation; copies go to one split.

    Args:
        test: Whether a test split is held out.
        validation: Whether a validation split is held out.

    Example:
        >>> holdout = ByHash(test=True, validation=True)
        >>> [holdout.assign(text, text) for text in ("one", "nine", "one")]
        ['train', 'test', 'train']
    """

    def __init__(self, *, test: bool, validation: bool) -> None:
        self._test = test
        self._validation = validation

    def assign(self, unit: str, passage: str) -> str:
        """Chooses a split.

        Args:
            unit: What stays together: the text that the passage is a part of.
            passage: The passage.

        Returns:
            "train", "validation" or "test".
        """
        digest = hashlib.blake2b(unit.encode("utf-8", "replace"), digest_size=_HASH_BYTES).digest()
        fraction = int.from_bytes(digest, "big") / 256**_HASH_BYTES
        if fraction < _TEST:
            return "test" if self._test else "train"
        return "validation" if self._validation and fraction < _TEST + _VALIDATION else "train"


class ByPosition:
    """Sends the last tenth of a text to the test split, and the twentieth before it to validation.

        │ training                                     │ validation │ test          │
        0                                             85 %         90 %          100 %

    Args:
        size: Characters of all passages, and one more for each.
        test: Whether a test split is held out.
        validation: Whether a validation split is held out; without a test split, it is the last
            twentieth.

    Example:
        >>> holdout = ByPosition(40, test=True, validation=True)
        >>> [holdout.assign("", passage) for passage in ("x" * 33, "x", "x" * 3)]
        ['train', 'validation', 'test']
    """

    def __init__(self, size: int, *, test: bool, validation: bool) -> None:
        training = size * (1 - _TEST * test - _VALIDATION * validation)
        self._validation = training if validation else math.inf
        self._test = size * (1 - _TEST) if test else math.inf
        self._position = 0

    def assign(self, unit: str, passage: str) -> str:
        """Chooses the split of the next passage.

        Args:
            unit: Not looked at.
            passage: The passage; where it ends decides.

        Returns:
            "train", "validation" or "test".
        """
        self._position += len(passage) + 1
        if self._position > self._test:
            return "test"
        return "validation" if self._position > self._validation else "train"
