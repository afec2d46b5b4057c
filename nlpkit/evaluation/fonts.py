"""Text of any script in a picture: the fonts that are installed, and escapes for what they lack."""

import functools
from typing import Any

from matplotlib.font_manager import findfont, fontManager
from matplotlib.ft2font import FT2Font

__all__ = ["families", "legible", "literal"]

# The first comes with matplotlib. The others hold Hangul and Han, and most systems have one.
_FAMILIES = (
    "DejaVu Sans",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Noto Sans CJK JP",
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "UnDotum",
    "Arial Unicode MS",
)


@functools.cache
def families() -> tuple[str, ...]:
    """The font families to write in: of those known here, the ones that are installed.

    Returns:
        Names for matplotlib, which takes each character from the first that holds it.
    """
    installed = {entry.name for entry in fontManager.ttflist}
    return tuple(name for name in _FAMILIES if name in installed)


def legible(text: str, *, longest: int = 24) -> str:
    """The text with every character that no installed font holds escaped as Python does.

    Args:
        text: Any text.
        longest: Characters of `text` to keep; a longer one ends in "…". Default 24.

    Returns:
        Text that matplotlib draws without a warning.

    Example:
        >>> legible("so so"), legible("a\\nb"), legible("one, two, three", longest=8)
        ('so so', 'a\\\\nb', 'one, tw…')
    """
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return "".join(c if ord(c) in _held() else ascii(c)[1:-1] for c in text)


def literal() -> dict[str, Any]:
    """Properties of a text in a picture that shows what `legible` gave, as it stands.

    Returns:
        Keyword arguments for matplotlib's functions that place text: the fonts, and that a dollar
        sign starts no formula.
    """
    return {"fontfamily": list(families()), "parse_math": False}


@functools.cache
def _held() -> frozenset[int]:
    """The code points that some installed font of `families` holds."""
    return frozenset().union(*(FT2Font(findfont(name)).get_charmap() for name in families()))
