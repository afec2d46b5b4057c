"""The golden file: odd strings, one JSON object a line, with the ids that they must have for ever.

Write the ids anew, after a change that is meant to move them (or a new `{"text": …}` line):

    python -m tests.text.golden
"""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

from nlpkit.text import NgramEncoder, NgramVocabulary

PATH = Path(__file__).with_name("golden.jsonl")
SIZE, MAX_LENGTH = 960, 24

LEARNT = (
    "The food was wonderful and the staff even better. Don't miss it!",
    "don't go: the film isn't what the poster says, and it's long",
    "정말 최고의 영화, 정말 좋은 배우들 ㅋㅋㅋ 최고예요!",
    "영화가 좋았다. 배우는 별로였다 ㅠㅠ 돈이 아깝다...",
    "Это хороший фильм, и актёры хорошие. Ελληνικά και καλό φαγητό",
    "この映画はとても良い。映画館も良い! 这部电影很好，很好看",
    "سرویس خوب است، خدمة ممتازة שירות נהדר, נחזור שוב",
    "यह फ़िल्म अच्छी है। หนังเรื่องนี้ดีมาก Phở rất ngon à la carte naïve café",
    "👍 👍🏽 👨‍👩‍👧 ❤️ 🇰🇷 :-) :( ^^ <3 10/10 100% 2024-05-06 3.14 http://example.org/?q=1",
    "fine file office ffi straße strasse İstanbul abc internationalisation",
)


def encoder() -> NgramEncoder:
    """An encoder of a small vocabulary in which many n-grams tie for the last places."""
    learnt = NgramVocabulary.learn([tf.constant(LEARNT)], size=SIZE, min_count=1)
    return NgramEncoder(learnt, max_length=MAX_LENGTH)


def entries() -> list[dict]:
    """The lines of the file."""
    return [json.loads(line) for line in PATH.read_text(encoding="ascii").splitlines()]


def ids(texts: list[str]) -> list[list[list[int]]]:
    """The ids of each token of each text, without padding."""
    rows = encoder()(tf.constant(texts)).numpy()
    return [[np.trim_zeros(token, "b").tolist() for token in row if token[0]] for row in rows]


def write() -> None:
    """Writes the file with the ids of today."""
    texts = [entry["text"] for entry in entries()]
    pairs = zip(texts, ids(texts), strict=True)
    lines = (json.dumps({"text": text, "ids": row}) + "\n" for text, row in pairs)
    PATH.write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    write()
