"""A stratified hold-out of the training data, the same in every run."""

import copy
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence

from nlpkit.errors import InputError

__all__ = ["HoldOut"]

_FRACTION = 0.1
_VALIDATION_WANTED = 100
_MAX_VALIDATION_FRACTION = 0.25
_CURE = (
    "add examples (200 texts are the least to learn anything from), "
    "or give `--test-data` and `--valid-data`"
)

Group = Mapping[int, int]
"""The copies of one text: how many there are of each class."""


class HoldOut:
    """Sends groups of copies, which come sorted by the hash of their text, to their splits.

    Of each class the first go to the test split, the next to validation and the rest to training,
    so the choice depends on the texts alone: not on their order, the process or a seed.

    The test split takes a tenth of each class. Validation takes a tenth of what remains, and more
    where that is under 100 examples, up to a quarter. Copies of one text stay together: a group
    that is larger than what a split still needs passes it by. Groups with labels of several classes
    are harder to place, so they choose before the others; but a split takes only its share of them,
    since these texts are the hardest ones. No class is left out of any split: its last groups go to
    the splits that have none of it, whatever their size.

    Attributes:
        quotas: Of each split that is held out, the examples of each class that it shall have.

    Args:
        counts: Number of examples of each class.
        names: Names of the classes, for errors.
        groups: Begins a pass over all groups, in the order of their hashes. Called once or twice.
        test: Whether a test split is held out.
        validation: Whether a validation split is held out.

    Raises:
        InputError: If a class has fewer different texts than there are splits.

    Example:
        >>> groups = [{number % 2: 1} for number in range(40)]
        >>> holdout = HoldOut(
        ...     [20, 20], ["bad", "good"], lambda: groups, test=True, validation=False
        ... )
        >>> [holdout.assign(group) for group in groups[:6]]
        ['test', 'test', 'test', 'test', 'train', 'train']
    """

    def __init__(
        self,
        counts: Sequence[int],
        names: Sequence[str],
        groups: Callable[[], Iterable[Group]],
        *,
        test: bool,
        validation: bool,
    ) -> None:
        self._names = names
        self.quotas = _quotas(counts, test=test, validation=validation)
        different, small, mixed = self._survey(groups())
        self._refuse_too_few(counts, different)
        fractions = [part / count for part, count in zip(mixed, counts, strict=True)]
        for_mixed = {
            split: [round(f * q) for f, q in zip(fractions, quota, strict=True)]
            for split, quota in self.quotas.items()
        }
        # The mixed groups are sent twice: first to know what they leave to the others.
        self._mixed = _Allotment(self.quotas, different, small, left=for_mixed)
        self._single = copy.deepcopy(self._mixed)
        if any(mixed):
            for group in groups():
                if len(group) > 1:
                    self._single.assign(group)
        self._single.add(self.quotas, less=for_mixed)

    def assign(self, group: Group) -> str:
        """Sends the next group to its split.

        Args:
            group: Its examples of each class.

        Returns:
            "train", "validation" or "test".
        """
        return (self._mixed if len(group) > 1 else self._single).assign(group)

    def _survey(self, groups: Iterable[Group]) -> tuple[list[int], list[int], list[int]]:
        """Of each class the groups, the small ones of these, and the examples in mixed groups."""
        different, small, mixed = ([0] * len(self._names) for _ in range(3))
        room = _room(self.quotas, len(self._names))
        for group in groups:
            large = _exceeds(group, room)
            for index, count in group.items():
                different[index] += 1
                small[index] += not large
                mixed[index] += count * (len(group) > 1)
        return different, small, mixed

    def _refuse_too_few(self, counts: Sequence[int], different: Sequence[int]) -> None:
        """Refuses a class that cannot be in every split."""
        splits = ["training", *reversed(self.quotas)]
        for name, rows, texts in zip(self._names, counts, different, strict=True):
            if texts < len(splits):
                got = f"{texts}" if rows == texts else f"{texts} in {rows:,} rows"
                raise InputError(
                    f"Class {name!r} must have at least {len(splits)} different texts to be in "
                    f"each of {', '.join(splits[:-1])} and {splits[-1]}, got {got}; {_CURE}."
                )


class _Allotment:
    """Groups go to the first split that has room for them; the last of a class where it is missing.

    A large group, for which some quota has no room from the start, is for training alone, unless
    one of its classes has too few small ones.

    Args:
        quotas: Of each split that is held out, the examples of each class.
        different: The groups of each class.
        small: Those of them that are not large.
        left: What there is room for at first, of the quotas.
    """

    def __init__(
        self,
        quotas: Mapping[str, Sequence[int]],
        different: Sequence[int],
        small: Sequence[int],
        *,
        left: Mapping[str, Sequence[int]],
    ) -> None:
        self._room = _room(quotas, len(different))
        self._left = {split: list(quota) for split, quota in left.items()}
        self._missing = [{*quotas, "train"} for _ in different]
        self._by_small = [
            fitting >= len(quotas) + (fitting == every)
            for every, fitting in zip(different, small, strict=True)
        ]
        self._to_come = [
            fitting if by_small else every
            for every, fitting, by_small in zip(different, small, self._by_small, strict=True)
        ]

    def add(
        self, quotas: Mapping[str, Sequence[int]], *, less: Mapping[str, Sequence[int]]
    ) -> None:
        """Adds room to each split: the quotas, less what there was at first."""
        for split, left in self._left.items():
            differences = map(operator.sub, quotas[split], less[split])
            self._left[split] = list(map(operator.add, left, differences))

    def assign(self, group: Group) -> str:
        """Sends a group to its split."""
        large = _exceeds(group, self._room)
        counted = [index for index in group if not (large and self._by_small[index])]
        chosen = self._choose(group, counted) if counted else "train"
        for index in counted:
            self._to_come[index] -= 1
        for index, count in group.items():
            self._missing[index].discard(chosen)
            if chosen != "train":
                self._left[chosen][index] -= count
        return chosen

    def _choose(self, group: Group, counted: Sequence[int]) -> str:
        """The first split with room, of those where a class is missing if its groups run out."""
        splits = [*self._left, "train"]
        for index in counted:
            if self._to_come[index] <= len(self._missing[index]):
                wanted = [split for split in splits if split in self._missing[index]]
                splits = wanted or splits
        with_room = (
            split for split in splits if split == "train" or not _exceeds(group, self._left[split])
        )
        return next(with_room, splits[0])


def _exceeds(group: Group, room: Sequence[float]) -> bool:
    """Whether a group has more examples of some class than there is room for."""
    return any(count > room[index] for index, count in group.items())


def _room(quotas: Mapping[str, Sequence[int]], classes: int) -> list[float]:
    """The examples of each class that every split has room for."""
    return list(map(min, zip([math.inf] * classes, *quotas.values(), strict=True)))


def _quotas(counts: Sequence[int], *, test: bool, validation: bool) -> dict[str, list[int]]:
    """The examples of each class that each split shall have, training apart."""
    quotas = {}
    remaining = list(counts)
    if test:
        quotas["test"] = _parts(remaining, _FRACTION)
        remaining = [n - q for n, q in zip(remaining, quotas["test"], strict=True)]
    if validation:
        wanted = max(_FRACTION, _VALIDATION_WANTED / max(1, sum(remaining)))
        quotas["validation"] = _parts(remaining, min(wanted, _MAX_VALIDATION_FRACTION))
    return quotas


def _parts(counts: Sequence[int], fraction: float) -> list[int]:
    """A fraction of each class: at least one, at most all but one."""
    return [max(1, min(count - 1, round(fraction * count))) for count in counts]
