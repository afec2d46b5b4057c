"""What of a text is held out: by the hash of each passage, or by its place."""

import hashlib
import math

__all__ = ["ByHash", "ByPlace"]

_TEST = 0.1
_VALIDATION = 0.05
_HASH_BYTES = 8


class ByHash:
    """Sends single texts to their sides by chance that no run and no order changes.

    A tenth goes to the test side and a twentieth to validation; copies go to one side.

    Args:
        test: Whether a test side is held out.
        validation: Whether a validation side is held out.

    Example:
        >>> holdout = ByHash(test=True, validation=True)
        >>> [holdout.side(text, text) for text in ("one", "nine", "one")]
        ['train', 'test', 'train']
    """

    def __init__(self, *, test: bool, validation: bool) -> None:
        self._test = test
        self._validation = validation

    def side(self, unit: str, passage: str) -> str:
        """Chooses a side.

        Args:
            unit: What stays together: the text that the passage is a part of.
            passage: The passage.

        Returns:
            "train", "validation" or "test".
        """
        digest = hashlib.blake2b(unit.encode("utf-8", "replace"), digest_size=_HASH_BYTES).digest()
        share = int.from_bytes(digest, "big") / 256**_HASH_BYTES
        if share < _TEST:
            return "test" if self._test else "train"
        return "validation" if self._validation and share < _TEST + _VALIDATION else "train"


class ByPlace:
    """Sends the last tenth of a text to the test side, and the twentieth before it to validation.

        │ training                                     │ validation │ test          │
        0                                             85 %         90 %          100 %

    Args:
        size: Characters of all passages, and one more for each.
        test: Whether a test side is held out.
        validation: Whether a validation side is held out; without a test side, it is the last
            twentieth.

    Example:
        >>> holdout = ByPlace(40, test=True, validation=True)
        >>> [holdout.side("", passage) for passage in ("x" * 33, "x", "x" * 3)]
        ['train', 'validation', 'test']
    """

    def __init__(self, size: int, *, test: bool, validation: bool) -> None:
        training = size * (1 - _TEST * test - _VALIDATION * validation)
        self._validation = training if validation else math.inf
        self._test = size * (1 - _TEST) if test else math.inf
        self._place = 0

    def side(self, unit: str, passage: str) -> str:
        """Chooses the side of the next passage.

        Args:
            unit: Not looked at.
            passage: The passage; where it ends decides.

        Returns:
            "train", "validation" or "test".
        """
        self._place += len(passage) + 1
        if self._place > self._test:
            return "test"
        return "validation" if self._place > self._validation else "train"
