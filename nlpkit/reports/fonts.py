"""Text of any script in a picture: the fonts that are installed, and what they can show."""

import functools
from typing import Any

from matplotlib.font_manager import findfont, fontManager
from matplotlib.ft2font import FT2Font

__all__ = ["families", "legible", "literal", "shortened"]

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


def legible(text: str) -> bool:
    """Whether a reader would see the text: it is not blank, and the fonts hold its characters.

    Args:
        text: Any text.

    Returns:
        True where matplotlib draws `text` in `families` without a warning and without boxes.

    Example:
        >>> legible("so so"), legible("a\\0b"), legible("")
        (True, False, False)
    """
    return not text.isspace() and text != "" and _held().issuperset(map(ord, text))


def shortened(text: str, *, longest: int = 16) -> str:
    """The text on one line, its end cut off where it is long.

    Args:
        text: Any text.
        longest: Characters to keep, the "…" at the end of a longer text among them; at least 1.
            Default 16.

    Returns:
        The text, with one space for each run of spaces and line ends.

    Example:
        >>> shortened("so\\n so"), shortened("one, two, three", longest=8)
        ('so so', 'one, tw…')
    """
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def literal() -> dict[str, Any]:
    """Properties of a text in a picture that shows any legible text as it stands.

    Returns:
        Keyword arguments for matplotlib's functions that place text: the fonts, and that a dollar
        sign starts no formula.
    """
    return {"fontfamily": list(families()), "parse_math": False}


@functools.cache
def _held() -> frozenset[int]:
    """The code points that some installed font of `families` holds."""
    return frozenset().union(*(FT2Font(findfont(name)).get_charmap() for name in families()))
