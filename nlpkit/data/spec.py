"""What `--data` names, parsed: the bundled data, a dataset of TFDS, a file or a folder."""

import dataclasses
import re
from pathlib import Path

from nlpkit.data.files import File, unreadable
from nlpkit.errors import InputError

__all__ = ["Spec", "format_of_ending", "parse_spec"]

# The format that each ending stands for.
_ENDINGS = {
    "csv": "csv",
    "tsv": "tsv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "json",
    "txt": "txt",
    "parquet": "parquet",
    "arrow": "arrow",
    "zip": "zip",
}
_RULE = (
    "be a .csv, .tsv, .jsonl, .json, .txt or .parquet file (or .gz of one), a .zip, a folder, "
    "or tfds:NAME"
)
_URL = re.compile(r"[A-Za-z][\w+.-]+:/")
_TFDS = re.compile(r"tfds:[A-Za-z]\w*(/[\w.+-]+)?(:[\d.*]+)?")


@dataclasses.dataclass(frozen=True)
class Spec:
    """Where examples come from, before anything is opened.

    Attributes:
        text: The SPEC as the user wrote it; "bundled" if nothing was written.
        kind: "bundled", "tfds", "folder", "zip", or what the ending of a file stands for: "csv",
            "tsv", "jsonl", "json", "txt", "parquet" or "arrow".
        path: The file or folder; None for the first two.
    """

    text: str
    kind: str
    path: Path | None = None


def format_of_ending(ending: str) -> str | None:
    """The format that the ending of a file's name stands for.

    Args:
        ending: As `File.ending` gives it.

    Returns:
        The format; None if there is none.

    Example:
        >>> format_of_ending("ndjson"), format_of_ending("xlsx")
        ('jsonl', None)
    """
    return _ENDINGS.get(ending)


def parse_spec(spec: str | Path | None, *, option: str = "--data") -> Spec:
    """Takes a SPEC apart: nothing, `tfds:NAME[/CONFIG]`, or the path of a file or a folder.

    Args:
        spec: None for the bundled reviews; a name such as `tfds:imdb_reviews`; or the path of a
            folder, or of a file with one of the known endings, with or without .gz. Case does not
            matter in endings.
        option: What errors call the option that the SPEC was given for.

    Returns:
        The parsed `Spec`. Whether the file exists shows when it is opened.

    Raises:
        InputError: If the name is malformed, the ending is none of those listed, the SPEC is empty
            or a URL, or the system refuses to look at the path.

    Example:
        >>> parse_spec("reviews.tsv.gz").kind
        'tsv'
        >>> parse_spec("reviews.xlsx")
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: reviews.xlsx: data must be a .csv, .tsv, .jsonl, .json, .txt or \
.parquet file (or .gz of one), a .zip, a folder, or tfds:NAME, got the ending '.xlsx'.
    """
    if spec is None:
        return Spec("bundled", "bundled")
    text = str(spec)
    if text.startswith("tfds:"):
        if not _TFDS.fullmatch(text):
            raise InputError(
                f"A TFDS data set is written tfds:NAME or tfds:NAME/CONFIG, got {text!r}."
            )
        return Spec(text, "tfds")
    if _URL.match(text):
        raise InputError(f"{text}: a URL is not fetched; download the file first.")
    if text.strip() in ("", "-"):
        meaning = " (standard input)" if text.strip() else ""
        raise InputError(f"`{option}` must {_RULE}, got {text!r}{meaning}.")
    path = Path(text)
    try:
        if path.is_dir():
            return Spec(text, "folder", path)
    except OSError as error:
        raise unreadable(text, error) from None
    ending = File.at(path).ending
    if (kind := format_of_ending(ending)) is None:
        got = f"the ending '.{ending}'" if ending else "no ending"
        raise InputError(f"{text}: data must {_RULE}, got {got}.")
    return Spec(text, kind, path)
