"""Word vectors, written in every format that is read."""

import gzip

import numpy as np

WORDS = ("the", "Film", "영화", "film", "don't", "최고", "좋은 영화", "。", "e\u0301te\u0301")
"""As in real files: the most frequent first, words in two cases, one that holds a space."""


def vectors(words=WORDS, dimension=4, seed=0):
    """A vector for each word, numbers that text keeps exactly."""
    drawn = np.random.default_rng(seed).normal(size=(len(words), dimension))
    return np.round(drawn, 4).astype(np.float32)


def _lines(words, table, end="\n"):
    rows = (" ".join(f"{x:.4f}" for x in row) for row in table)
    return "".join(f"{word} {row}{end}" for word, row in zip(words, rows, strict=True)).encode()


def _header(table):
    return b"%d %d\n" % table.shape


def _records(words, table, end=b""):
    pairs = zip(words, table, strict=True)
    return b"".join(word.encode() + b" " + row.astype("<f4").tobytes() + end for word, row in pairs)


_CONTENT = {
    "vec": lambda words, table: _header(table) + _lines(words, table),
    "fasttext.vec": lambda words, table: _header(table) + _lines(words, table, " \n"),
    "windows.vec": lambda words, table: b"\xef\xbb\xbf" + _header(table)
    + _lines(words, table, "\r\n"),
    "txt": _lines,
    "bin": lambda words, table: _header(table) + _records(words, table),
    "word2vec.bin": lambda words, table: _header(table) + _records(words, table, b"\n"),
}  # fmt: skip
FORMATS = (*_CONTENT, *(f"{name}.gz" for name in _CONTENT))
SPACED = "좋은 영화"
"""The word that no .bin can hold."""


def write(folder, name, words=WORDS, table=None):
    """Writes vectors in a format of `FORMATS`; words with a space become others in a .bin."""
    table = vectors(words) if table is None else table
    if ".bin" in f".{name}":
        words = [word.replace(" ", "_") for word in words]
    content = _CONTENT[name.removesuffix(".gz")](words, table)
    path = folder / f"x.{name}"
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path
