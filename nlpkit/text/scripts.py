"""Scripts by how words are written: with spaces between them or not, agglutinative or not."""

import re

__all__ = ["GLUED", "LETTER", "UNSPACED"]

_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc"
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U000323af"
)

UNSPACED = re.compile(f"[{_UNSPACED}]")
"""A character of a script without spaces between words: Han, kana, Thai, Lao, Khmer, …"""

GLUED = re.compile(f"[{_UNSPACED}{_HANGUL}]")
"""The same, or of the script of an agglutinative language: Hangul."""

LETTER = re.compile(r"[^\W\d_]|[\u1100-\u11ff]")
"""A letter of any script."""
