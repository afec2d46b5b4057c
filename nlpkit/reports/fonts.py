"""Text in any script in a picture: the installed fonts, and the characters they have."""

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
    """The installed ones of the font families known here.

    Returns:
        Names for matplotlib, which takes each character from the first font that has it.
    """
    installed = {entry.name for entry in fontManager.ttflist}
    return tuple(name for name in _FAMILIES if name in installed)


def legible(text: str) -> bool:
    """Whether a text is readable in a picture: it is not blank, and the fonts have its characters.

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
    """Shortens a text to one line of limited length.

    Args:
        text: Any text.
        longest: Characters to keep, including the "…" at the end of a longer text; at least 1.
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
    """Keyword arguments for matplotlib that show a text literally.

    Returns:
        The fonts, and that a dollar sign starts no formula.
    """
    return {"fontfamily": list(families()), "parse_math": False}


@functools.cache
def _held() -> frozenset[int]:
    """The code points that some installed font of `families` holds."""
    return frozenset().union(*(FT2Font(findfont(name)).get_charmap() for name in families()))
