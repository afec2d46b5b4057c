"""Spellings of labels: which look the same, and which differ in case only."""

import re
import unicodedata

from nlpkit.data.surrogates import mend_surrogates
from nlpkit.text.unicode import IGNORABLE

__all__ = ["plainly", "regardless_of_case"]

# Tags spell the flags of regions, and joiners shape letters and emoji: they can be seen. But there
# is nothing to join where an end or an ASCII character is.
_TAGS = range(0xE0020, 0xE0080)
_JOINERS = "\u200c\u200d"
_INVISIBLE = dict.fromkeys(IGNORABLE - {*_TAGS, *map(ord, _JOINERS)})
_IDLE_JOINERS = re.compile(f"(?<![^\\x00-\\x7f])[{_JOINERS}]+|[{_JOINERS}]+(?![^\\x00-\\x7f])")


def plainly(value: str) -> str:
    r"""A label in the one spelling that stands for all that look the same.

    Composed Unicode (NFC), no invisible characters, one space for each run of white space and none
    at the ends. Half a surrogate pair becomes U+FFFD.

    Args:
        value: A label as the data have it.

    Returns:
        The spelling; empty if there is nothing to see.

    Example:
        >>> plainly("\ufeffnot\u00a0 good\u200b "), plainly("ne\u0301") == "n\u00e9"
        ('not good', True)
    """
    value = mend_surrogates(value)
    if not value.isascii():
        value = unicodedata.normalize("NFC", value.translate(_INVISIBLE))
        value = _IDLE_JOINERS.sub("", value)
    return " ".join(value.split())


def regardless_of_case(value: str) -> str:
    """What is left of a label without the differences that people do not mean.

    Args:
        value: A label, plainly spelt.

    Returns:
        The label in lower case, compatibility forms folded, without spaces.

    Example:
        >>> regardless_of_case("Not Good"), regardless_of_case("Ｎｏｔ ｇｏｏｄ")
        ('notgood', 'notgood')
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    return "".join(folded.split())
