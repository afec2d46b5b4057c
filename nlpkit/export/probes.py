"""Probe texts, for which an artefact must give the same answers as the live model."""

__all__ = ["PROBES"]

PROBES: tuple[str, ...] = (
    "The food was wonderful and the staff even better.",
    "Two hours of my life that nobody gives back.",
    "정말 최고의 영화",
    "돈이 아깝다 ㅠㅠ",
    "",
    " \t\u3000\u00a0",
    "👍🏽👨‍👩‍👧❤️",
    "before\0after",
    "שירות נהדר, נחזור שוב",
    "خدمة ممتازة",
    "ＦＵＬＬ　ｗｉｄｔｈ ﬁne",
    "\u1112\u1161\u11ab\u1100\u1173\u11af e\u0301",
    "ㅋㅋㅋㅋㅋㅋㅋㅋ!!!!!!!!",
    "line\u2028separator\r\nand a second line",
    "not a character: \ufffd",
    "x" * 5_000,
    "길고 긴 이야기 and so on. " * 400,
)
"""Among them are empty, blank, right-to-left and long ones, emoji, NUL and decomposed Hangul."""
