"""Chooses a language model's size, and how often it reads the text, for the time there is.

Sizes are tried from small to large. Each is timed on windows of the text, on this machine, and the
largest that can read the text as often as it needs in nine tenths of the time is taken. What is
left goes into more passes, up to twice as many.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterable, Mapping

from nlpkit.checks import check_positive_number
from nlpkit.errors import InputError, counted
from nlpkit.training.language_plan import language_dropout

__all__ = ["SIZES", "Allowance", "Plan", "Size", "choose_plan", "plan_for", "size_for", "sizes_for"]

USED = 0.9
_MOST = 2  # times the passes that are needed
_STEEPNESS = 1.5  # how much slower the next size is at least


@dataclasses.dataclass(frozen=True)
class Size:
    """The size of a language model; see `nlpkit.models.LanguageModel`.

    Attributes:
        units: Units of each recurrent layer but the last.
        layers: Recurrent layers.
        embedding: Size of a word's vector, and units of the last layer.
        dropout: The dropout that `language_dropouts` starts from.
    """

    units: int
    layers: int
    embedding: int
    dropout: float

    def __str__(self) -> str:
        return f"{counted(self.layers, 'layer')} of {self.units:,} units"


SIZES = {
    Size(128, 1, 128, 0.3): 0,
    Size(256, 2, 256, 0.4): 0,
    Size(400, 2, 400, 0.4): 200_000,
    Size(650, 2, 650, 0.5): 500_000,
    Size(1150, 3, 400, 0.5): 900_000,
}
"""From small to large, each with the tokens that it needs: a short text is learnt by heart.

The second is the default. The fourth is the medium model of Zaremba, Sutskever & Vinyals 2014, and
the last has the layers of Merity, Keskar & Socher 2018, both made for 929,589 tokens."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What was chosen.

    Attributes:
        size: The size of the model.
        passes: Passes over the training stream.
        wanted: The passes that were wanted at least.
        seconds: The expected seconds of a pass, the validation after it included.
    """

    size: Size
    passes: int
    wanted: int
    seconds: float

    def __str__(self) -> str:
        passes = counted(self.passes, "pass", "passes")
        short = f" instead of {self.wanted}" if self.passes < self.wanted else ""
        return f"{self.size}, {passes}{short}; a pass takes about {_duration(self.seconds)} here"


class Allowance:
    """The time that training may take, from now on.

    Args:
        minutes: How long, above 0 and finite.
        clock: A function that gives the time in seconds. Default: `time.monotonic`.

    Raises:
        InputError: If `minutes` is out of its range.

    Example:
        >>> times = iter([100.0, 130.0, 190.0])
        >>> allowance = Allowance(1, clock=lambda: next(times))
        >>> allowance.spent(), allowance.spent()
        (0.5, 1.5)
    """

    def __init__(self, minutes: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        check_positive_number("minutes", minutes)
        if minutes == math.inf:
            raise InputError("`minutes` must be a positive number, got inf.")
        self._seconds, self._clock = 60.0 * minutes, clock
        self._start = clock()

    def spent(self) -> float:
        """The fraction of the time that is gone.

        Returns:
            A number from 0 on, above 1 once the time is over.
        """
        return (self._clock() - self._start) / self._seconds

    def resume(self, spent: float) -> None:
        """Goes on where an earlier run was.

        Args:
            spent: What `spent` returned there.
        """
        self._start = self._clock() - spent * self._seconds

    def minutes_left(self) -> float:
        """What is left of the time.

        Returns:
            Minutes, at least 0.
        """
        return max(0.0, 1.0 - self.spent()) * self._seconds / 60.0


def sizes_for(
    tokens: int,
    *,
    units: int | None = None,
    layers: int | None = None,
    embedding: int | None = None,
    dropout: float | None = None,
) -> list[Size]:
    """The sizes that a text may have, from small to large; what is given is kept.

    Args:
        tokens: Length of the training stream, which must be long enough for a size.
        units: As `Size` has it, or None to choose it; likewise those below.
        layers: See `units`.
        embedding: See `units`; where only `units` is given, it is the same.
        dropout: See `units`; none for a long stream, which is read too few times to overfit.

    Returns:
        At least one size.

    Example:
        >>> [str(size) for size in sizes_for(300_000)]
        ['1 layer of 128 units', '2 layers of 256 units', '2 layers of 400 units']
        >>> [str(size) for size in sizes_for(10**6, units=300)]
        ['1 layer of 300 units', '2 layers of 300 units', '3 layers of 300 units']
    """
    by_shape: dict[tuple, Size] = {}
    for size, least in SIZES.items():
        shape = (units or size.units, layers or size.layers, embedding or units or size.embedding)
        if tokens >= least:
            rate = _dropout(shape, tokens) if dropout is None else dropout
            by_shape.setdefault(shape, Size(*shape, rate))
    return list(by_shape.values())


def _dropout(shape: tuple[int, int, int], tokens: int) -> float:
    """The dropout of the largest of `SIZES` with no more units and layers; the first's if none."""
    if not language_dropout(tokens):
        return 0.0
    units, layers, _ = shape
    smaller = [size for size in SIZES if size.units <= units and size.layers <= layers]
    return (smaller or list(SIZES))[-1 if smaller else 0].dropout


def size_for(
    tokens: int,
    *,
    units: int | None = None,
    layers: int | None = None,
    embedding: int | None = None,
    dropout: float | None = None,
) -> Size:
    """The size where time does not matter: 2 layers of 256 units.

    Args:
        tokens: Length of the training stream.
        units: See `sizes_for`, as those below.
        layers: See `sizes_for`.
        embedding: See `sizes_for`.
        dropout: See `sizes_for`.

    Returns:
        The size, with what is given in it.

    Example:
        >>> size_for(10**6, layers=1)
        Size(units=256, layers=1, embedding=256, dropout=0.4)
    """
    units = units or 256
    rate = language_dropout(tokens) if dropout is None else dropout
    return Size(units, layers or 2, embedding or units, rate)


def plan_for(
    budget: float,
    tokens: int,
    seconds_per_token: Mapping[Size, float],
    *,
    wanted: int,
    passes: int | None = None,
) -> Plan:
    """Chooses a size and passes by how long a token takes.

    Args:
        budget: Minutes for the training, at least 0.
        tokens: Length of the training stream.
        seconds_per_token: How long each size takes for a token of it, from small to large.
        wanted: The passes that the text should be read, at least 1.
        passes: The passes, if they are not to be chosen.

    Returns:
        The largest size that can read the text often enough in nine tenths of the time; the
        smallest if none can, with as many passes as fit, but at least one.

    Example:
        >>> small, large = Size(128, 1, 128, 0.3), Size(650, 2, 650, 0.5)
        >>> speeds = {small: 1e-5, large: 1e-4}
        >>> print(plan_for(30, 10**6, speeds, wanted=12))
        2 layers of 650 units, 16 passes; a pass takes about 100 seconds here
        >>> print(plan_for(10, 10**6, speeds, wanted=12))
        1 layer of 128 units, 24 passes; a pass takes about 10 seconds here
    """
    wanted = passes or wanted
    fitting = {size: _passes(budget, tokens * each) for size, each in seconds_per_token.items()}
    enough = [size for size, fit in fitting.items() if fit >= wanted]
    size = enough[-1] if enough else next(iter(fitting))
    passes = passes or min(max(fitting[size], 1), _MOST * wanted)
    return Plan(size, passes, wanted, tokens * seconds_per_token[size])


def choose_plan(
    allowance: Allowance,
    sizes: Iterable[Size],
    tokens: int,
    measure: Callable[[Size], float],
    *,
    wanted: int,
    passes: int | None = None,
) -> Plan:
    """Measures one size after another until one is too slow, and plans for the time left.

    Args:
        allowance: The time; what the measuring takes is gone.
        sizes: From small to large, at least one.
        tokens: See `plan_for`.
        measure: Gives the seconds that a size takes for a token of the training stream.
        wanted: See `plan_for`.
        passes: See `plan_for`.

    Returns:
        The plan.
    """
    measured: dict[Size, float] = {}
    for size in sizes:
        measured[size] = measure(size)
        seconds = _STEEPNESS * tokens * measured[size]
        if _passes(allowance.minutes_left(), seconds) < (passes or wanted):
            break
    return plan_for(allowance.minutes_left(), tokens, measured, wanted=wanted, passes=passes)


def _passes(minutes: float, seconds: float) -> int:
    """How many passes of so many seconds fit."""
    return int(USED * 60 * minutes // seconds)


def _duration(seconds: float) -> str:
    """Seconds in words."""
    if seconds < 119.5:
        count, unit = max(1, round(seconds)), "second"
    else:
        count, unit = round(seconds / 60), "minute"
    return f"{count:,} {unit}{'' if count == 1 else 's'}"
