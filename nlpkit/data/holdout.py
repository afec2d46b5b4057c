"""Who is held out: a stratified part of the training data, the same in every run."""

from collections.abc import Sequence

from nlpkit.errors import InputError

__all__ = ["CURE", "HoldOut"]

CURE = "add examples, or give `--test-data` and `--valid-data`"
"""What helps where a class cannot be on every side."""

_SHARE = 0.1
_VALIDATION_WANTED = 100
_VALIDATION_SHARE_AT_MOST = 0.25


class HoldOut:
    """Sends examples, which come sorted by the hash of their text, to their sides.

    Of each class the first go to the test side, the next to validation and the rest to training,
    so the choice depends on the texts alone: not on their order, the process or a seed. Copies of
    one text follow the first of them.

    The test side takes a tenth of each class. Validation takes a tenth of what remains, and more
    where that is under 100 examples, up to a quarter. No class is left out of any side.

    Args:
        counts: Number of examples of each class.
        names: Names of the classes, for errors.
        test: Whether a test side is held out.
        validation: Whether a validation side is held out.

    Raises:
        InputError: If a class has fewer examples than there are sides.

    Example:
        >>> holdout = HoldOut([20, 10], ["bad", "good"], test=True, validation=False)
        >>> [holdout.side(bytes([number]), 0) for number in range(4)]
        ['test', 'test', 'train', 'train']
    """

    def __init__(
        self, counts: Sequence[int], names: Sequence[str], *, test: bool, validation: bool
    ) -> None:
        sides = 1 + test + validation
        for count, name in zip(counts, names, strict=True):
            if count < sides:
                raise InputError(
                    f"Class {name!r} must have at least {sides} different texts to be in each of "
                    f"training, validation and test, got {count}; {CURE}."
                )
        self._quotas: dict[str, list[int]] = {}
        remaining = list(counts)
        if test:
            self._quotas["test"] = _quotas(remaining, _SHARE)
            remaining = [n - q for n, q in zip(remaining, self._quotas["test"], strict=True)]
        if validation:
            wanted = max(_SHARE, _VALIDATION_WANTED / sum(remaining))
            self._quotas["validation"] = _quotas(remaining, min(wanted, _VALIDATION_SHARE_AT_MOST))
        self._last = b"", "train"

    def side(self, digest: bytes, index: int) -> str:
        """Sends the next example to its side.

        Args:
            digest: The hash of its text, not less than the one before.
            index: Its class.

        Returns:
            "train", "validation" or "test".
        """
        last, side = self._last
        if digest != last:
            side = next((s for s, quota in self._quotas.items() if quota[index] > 0), "train")
            self._last = digest, side
        if side != "train":
            self._quotas[side][index] -= 1
        return side


def _quotas(counts: Sequence[int], share: float) -> list[int]:
    """A share of each class: at least one, at most all but one."""
    return [max(1, min(count - 1, round(share * count))) for count in counts]
