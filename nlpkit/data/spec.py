"""What `--data` names, parsed: the bundled data, a dataset of TFDS, or a file."""

import dataclasses
import re
from pathlib import Path

from nlpkit.errors import InputError

__all__ = ["Spec", "parse_spec"]

_FORMATS = ("csv", "tsv", "jsonl", "txt")
_RULE = "be a .csv, .tsv, .jsonl or .txt file (or .gz of one), or tfds:NAME"
_URL = re.compile(r"[A-Za-z][\w+.-]+:/")
_TFDS = re.compile(r"tfds:[A-Za-z]\w*(/[\w.+-]+)?(:[\d.*]+)?")


@dataclasses.dataclass(frozen=True)
class Spec:
    """Where examples come from, before anything is opened.

    Attributes:
        text: The SPEC as the user wrote it; "bundled" if nothing was written.
        kind: "bundled", "tfds", or the format of a file: "csv", "tsv", "jsonl", "txt".
        path: The file; None where `kind` is no format.
    """

    text: str
    kind: str
    path: Path | None = None

    @property
    def file(self) -> Path:
        """The file, where there is one.

        Raises:
            InputError: If the data are no file.
        """
        if self.path is None:
            raise InputError(f"{self.text}: these data are no file.")
        return self.path


def parse_spec(spec: str | Path | None, *, option: str = "--data") -> Spec:
    """Takes a SPEC apart: nothing, `tfds:NAME[/CONFIG]`, or the path of a table.

    Args:
        spec: None for the bundled reviews; a name such as `tfds:imdb_reviews`; or the path of a
            .csv, .tsv, .jsonl or .txt file, with or without .gz. Case does not matter in endings.
        option: What errors call the option that the SPEC was given for.

    Returns:
        The parsed `Spec`. Whether the file exists is found out when it is opened.

    Raises:
        InputError: If the name is malformed, the ending is none of those listed, or the SPEC is
            empty, a URL or a folder.

    Example:
        >>> parse_spec("reviews.tsv.gz").kind
        'tsv'
        >>> parse_spec("reviews.xlsx")
        Traceback (most recent call last):
        ...
        nlpkit.errors.InputError: reviews.xlsx: data must be a .csv, .tsv, .jsonl or .txt file \
(or .gz of one), or tfds:NAME, got the ending '.xlsx'.
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
    ending = Path(path.stem if path.suffix.lower() == ".gz" else path.name).suffix.lower()
    if ending.removeprefix(".") not in _FORMATS:
        if path.is_dir():
            raise InputError(f"{text}: this is a folder; give a file.")
        raise InputError(f"{text}: data must {_RULE}, got the ending {ending!r}.")
    return Spec(text, ending.removeprefix("."), path)
