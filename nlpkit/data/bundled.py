"""The bundled reviews: short, in English and Korean, written for this project."""

import csv
import importlib.resources
import io
from collections.abc import Iterator

__all__ = ["read_bundled"]

_FILE = importlib.resources.files("nlpkit.data") / "bundled" / "reviews.tsv"


def read_bundled(split: str) -> Iterator[tuple[int, str, str]]:
    """Yields the bundled reviews of one of their fixed splits.

    Args:
        split: "train" or "test".

    Yields:
        `(line number, text, label)`; the labels are "negative" and "positive".
    """
    with _FILE.open("rb") as stream:
        lines = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        reader = csv.DictReader(lines, delimiter="\t")
        for row in reader:
            if row["split"] == split:
                yield reader.line_num, row["text"], row["label"]
