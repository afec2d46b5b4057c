"""Recognizes what a file is by its bytes: a format, or an encoding of text.

Error messages say what was recognized; `nlpkit.data.encodings` reads by it, and says so.
"""

import codecs
import re
import unicodedata

__all__ = ["SAMPLE", "encoding_of_head", "format_of", "likely_encodings"]

SAMPLE = 1 << 16
"""Bytes that are enough to tell."""

_TABLE = "give it as a .csv, .tsv or .jsonl file"
_FORMATS = (
    (rb"\x1f\x8b", "gzip data", "add .gz to the file's name"),
    (
        rb"PK\x03\x04",
        "a zip archive (.zip, .xlsx, .docx, …)",
        f"call a .zip file so, unpack it, or {_TABLE}",
    ),
    (rb"BZh[1-9]1AY&SY", "bzip2 data", "unpack it with bunzip2"),
    (rb"\xfd7zXZ\x00", "xz data", "unpack it with unxz"),
    (rb"\x28\xb5\x2f\xfd", "Zstandard data", "unpack it with unzstd"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (rb"PAR1", "a Parquet file", "call it .parquet"),
    (rb"ARROW1\x00\x00|\xff\xff\xff\xff.{4}\x10\x00\x00\x00", "an Arrow file", "call it .arrow"),
    (rb"ORC\n?[\x00-\x08]", "an ORC file", _TABLE),
    (rb"Obj\x01", "an Avro file", _TABLE),
    (rb"\x89HDF\r\n", "an HDF5 file", _TABLE),
    (rb"\x93NUMPY", "a NumPy array", _TABLE),
    (rb"SQLite format 3\x00", "an SQLite database", _TABLE),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.xls, .doc, …)", _TABLE),
    (rb"%PDF-", "a PDF", "give its text"),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a", "a picture", "give text"),
)
_MARKS = (  # UTF-32's begins as UTF-16's does.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MANY_NULS, _SOME_NULS = 1 / 8, 1 / 64
_WIDE = ("utf-16-le", "utf-16-be")
_FEWEST_ASCII = 1 / 32
# Encodings of more than one byte a character, what their texts are mostly written in, and how much
# of it at least; in this order, for Japanese bytes are rare Korean syllables to cp949, and Korean
# bytes Chinese characters to gb18030.
_SCRIPTS = (
    ("euc-jp", "[\u3040-\u30ff]", 0.3),
    ("cp932", "[\u3040-\u30ff]", 0.3),
    ("cp949", "[\uac00-\ud7a3]", 0.8),
    ("gb18030", "[\u3000-\u303f\u4e00-\u9fff\uff00-\uff5e]", 0.9),
    ("big5", "[\u3000-\u303f\u4e00-\u9fff\ufe30-\uff5e]", 0.9),
)
# Characters of UTF-8 to one fault: what has more is UTF-8 with a fault.
_SOUND = 3
_HIGH = re.compile(rb"[\x80-\xff]+")
_LONG_RUN = 3
# No second byte of any of these encodings.
_BREAK = re.compile(rb"[\x00-\x2f]")


def format_of(head: bytes) -> tuple[str, str] | None:
    r"""Tells a format that is no text by its first bytes.

    Args:
        head: The beginning of a file.

    Returns:
        What it is, and what to do about it; None if it may be text.

    Example:
        >>> format_of(b"\x1f\x8b\x08")
        ('gzip data', "add .gz to the file's name")
    """
    return next(((what, cure) for magic, what, cure in _FORMATS if re.match(magic, head)), None)


def encoding_of_head(head: bytes) -> str | None:
    """Tells UTF-16 and UTF-32, with a byte order mark or without.

    Without a mark, the zero bytes tell: those of ASCII characters are every other byte. Where few
    characters are ASCII, all of them must make sense.

    Args:
        head: The beginning of a file.

    Returns:
        The encoding; None if it is neither.

    Example:
        >>> encoding_of_head("text,label".encode("utf-16-le"))
        'utf-16-le'
    """
    if marked := next((name for mark, name in _MARKS if head.startswith(mark)), None):
        return marked
    nuls = head.count(0)
    if nuls < max(2, _SOME_NULS * len(head)):
        return None
    odd = head[1::2].count(0)
    ends = {"le": odd, "be": nuls - odd}
    if nuls >= _MANY_NULS * len(head) and max(ends.values()) > 0.9 * nuls:
        return f"utf-16-{max(ends, key=ends.__getitem__)}"
    for name in ("utf-32-le", "utf-32-be"):
        if "\0" not in (_decoded(head, name) or "\0"):
            return name
    return next((name for name in _WIDE if _reads_well(_decoded(head, name))), None)


def likely_encodings(sample: bytes, *, start: bool = False) -> list[str]:
    """Guesses the encoding of a text that holds more than ASCII.

    Args:
        sample: Some bytes of it, up to a few thousand.
        start: Whether the text begins here, and not amid a character.

    Returns:
        The likeliest encodings, none if the bytes look like no text. "utf-8" may have faults.

    Example:
        >>> likely_encodings("정말 최고".encode("cp949")), likely_encodings("déjà".encode("cp1252"))
        (['cp949'], ['cp1252'])
    """
    if start and (told := encoding_of_head(sample)):
        return [told]
    if not start and (match := _BREAK.search(sample)):
        sample = sample[match.start() :]
    if any(byte < 32 and byte not in b"\t\n\v\f\r" for byte in sample):
        return []
    runs = _HIGH.findall(sample)
    text = sample.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    if _SOUND * wrong <= sum(not c.isascii() for c in text) - wrong:
        return ["utf-8"]
    if sum(map(len, runs)) >= 2 * len(runs):
        for name, script, fraction in _SCRIPTS:
            text = "".join(c for c in _decoded(sample, name) if not c.isascii())
            if text and len(re.findall(script, text)) >= fraction * len(text):
                return [name]
    if sum(map(len, runs)) >= _LONG_RUN * len(runs):
        return ["cp1251", "cp1252"]
    return ["cp1252"]


def _reads_well(text: str) -> bool:
    """Whether a text has ASCII characters among others, and no control or unassigned ones."""
    ascii_ones = sum(c.isascii() for c in text)
    return ascii_ones >= max(2, _FEWEST_ASCII * len(text)) and not any(
        c not in "\t\n\f\r" and unicodedata.category(c) in ("Cc", "Cn") for c in text
    )


def _decoded(sample: bytes, encoding: str) -> str:
    """A sample as text, a character that its end cuts left out; empty if it is none."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeError:
        return ""
