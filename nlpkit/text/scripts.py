"""Scripts by how their languages write words: apart or not, with endings glued to them or not."""

import re

__all__ = ["GLUED", "LETTER", "UNSPACED"]

_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc"
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U000323af"
)

UNSPACED = re.compile(f"[{_UNSPACED}]")
"""A character of a script that puts no space between words: Han, kana, Thai, Lao, Khmer, …"""

GLUED = re.compile(f"[{_UNSPACED}{_HANGUL}]")
"""The same, or of one whose language glues endings to words: Hangul."""

LETTER = re.compile(r"[^\W\d_]|[\u1100-\u11ff]")
"""A letter of any script."""
