"""Strings by chance, over all of Unicode that Python knows."""

import sys
import unicodedata

import numpy as np

SEED = 20240229
PALETTES = (
    "abcdefgh ABC ",
    "aaa!!!???...'’  ",
    "éèêëŝẞßﬁﬂ①２Ａ ",
    "가각갂간갈감한글영화 최고",
    "ㅋㅋㅋㅠㅠㅎㅏㅣ ",
    "\u1100\u1112\u1161\u1175\u11a8\u11af\u11c2 ",
    "漢字かなカナ々ー、。",
    "0123456789.,-/: ",
    "👍🏽👨\u200d👩❤\ufe0f🇰🇷 ",
    "אבגדהابتثج \u200f\u0651",
    "हिन्दीไทย\u0e31\u0e4d ",
    "\0\t\n\r\u00a0\u3000\u2028\x7f\u00ad ",
    "don't l’été rock'n'roll ' ’ ",
)


def texts(count: int) -> list[str]:
    """Draws strings of three sorts: from one palette, from several, from anywhere."""
    rng = np.random.default_rng(SEED)
    return ["".join(_clusters(rng)) for _ in range(count)]


def _clusters(rng: np.random.Generator) -> list[str]:
    """Characters, some of them decomposed; no mark stands on a mark of another character."""
    clusters = []
    some = [PALETTES[k] for k in rng.integers(len(PALETTES), size=rng.integers(1, 4))]
    anywhere = rng.random() < 0.3
    for _ in range(rng.integers(0, 30)):
        palette = some[rng.integers(len(some))]
        character = _any(rng) if anywhere else palette[rng.integers(len(palette))]
        form = rng.choice(["NFC", "NFD", "NFKD"], p=[0.8, 0.1, 0.1])
        cluster = unicodedata.normalize(form, character)
        if _is_mark(cluster[0]) and clusters and _is_mark(clusters[-1][-1]):
            clusters.append("-")
        clusters.append(cluster)
    return clusters


def _any(rng: np.random.Generator) -> str:
    """An assigned character, from a block drawn first, so that small blocks come up too."""
    while True:
        start = int(rng.integers(0x300)) << 8
        code = min(start + int(rng.integers(256)), sys.maxunicode)
        if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"}:
            return chr(code)


def _is_mark(character: str) -> bool:
    """Whether it stands on the character before it."""
    return unicodedata.combining(character) > 0
