"""From a SPEC to plain text: read, checked, split and written to disk as passages."""

import contextlib
import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path

from nlpkit.data.columns import UNKNOWN, Columns
from nlpkit.data.guesses import Tell, one_encoding, tell_guesses
from nlpkit.data.passages import Passages, PassageWriter
from nlpkit.data.splits import own_splits, parse_splits
from nlpkit.data.text_holdout import ByHash, ByPosition
from nlpkit.data.text_sources import TextSource, open_texts
from nlpkit.errors import InputError

__all__ = ["FEWEST_CHARACTERS", "TextCorpus", "prepare_text", "write_splits"]

_SPLITS = ("train", "validation", "test")
FEWEST_CHARACTERS = 300
"""What a text must have to learn anything from it."""


@dataclasses.dataclass(frozen=True)
class TextCorpus:
    """Plain text, split and ready to learn to continue.

    Attributes:
        name: The data as the user named them; "bundled" for the bundled topics.
        text_column: The column or TFDS feature of the training data that holds the text, guessed
            or given; None where there are no columns.
        form: "topics", "lines", "running text" or "pre-tokenised".
        train: Training passages.
        validation: Validation passages.
        test: Test passages.
        left_out: Characters that Project Gutenberg put around the text, which are in none of them.
        encoding: The one encoding of all files; None if they have several or none.
    """

    name: str
    text_column: str | None
    form: str
    train: Passages
    validation: Passages
    test: Passages
    left_out: int = 0
    encoding: str | None = None


def prepare_text(
    data: str | Path | None = None,
    *,
    test_data: str | Path | None = None,
    valid_data: str | Path | None = None,
    text_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    data_dir: str | Path | None = None,
    known: Columns = UNKNOWN,
    tell: Tell | None = None,
    directory: str | Path,
) -> TextCorpus:
    """Reads plain text as a stream, checks it, and writes the passages of each split to a file.

    Order is kept everywhere. Test data come from `test_data`, else from the data's own test (or
    validation) split, else a tenth is held out: the last of running or pre-tokenised text, and of
    single texts those that the hash chooses. Validation data likewise, a twentieth.

    Args:
        data: A SPEC: None for the bundled topics, tfds:NAME, a file or a folder.
        test_data: A SPEC of test data; plain text is read in the form of the training data.
        valid_data: A SPEC of validation data, likewise.
        text_column: Column with the text; None to guess.
        encoding: Encoding of the files; None to find it out.
        header: Whether the first row of a file names its columns; None to find it out.
        data_dir: Where TFDS data sets lie; None for TFDS's own default.
        known: The columns that a model learnt from, which are looked for first. Default: none.
        tell: Takes one line that says what was guessed, before the data are read; None to discard
            it.
        directory: A folder of the caller's for the passages; they must outlive the corpus.

    Returns:
        The corpus.

    Raises:
        InputError: If the data are missing, broken, no text or too short, or if two splits are to
            come from one file.
    """
    spec, others = parse_splits(data, valid_data=valid_data, test_data=test_data)
    opened = functools.partial(
        open_texts, text_column=text_column, encoding=encoding, header=header, data_dir=data_dir
    )
    sources = own_splits(opened(spec, known=known))
    train = sources["train"]
    form = "running text" if train.form == "topics" else train.form
    for split, other in others.items():
        other_sources = own_splits(opened(other, form=form, known=Columns(train.text_column)))
        sources[split] = other_sources.get(split, other_sources["train"])
    _refuse_column_of_no_table(text_column, sources)
    tell_guesses(sources.values(), tell)
    splits = write_splits(sources, directory)
    _refuse_too_little(train.name, splits, given=set(sources) - {"train"})
    left_out = sum(source.wrapping.characters for source in sources.values())
    return TextCorpus(
        spec.text,
        train.text_column,
        train.form,
        **splits,
        left_out=left_out,
        encoding=one_encoding(sources.values()),
    )


def _refuse_column_of_no_table(text_column: str | None, sources: dict[str, TextSource]) -> None:
    """Refuses a text column where no data have columns."""
    if text_column is None or any(source.text_column for source in sources.values()):
        return
    raise InputError(
        f"`--text-column` must name a column of a table, got {text_column!r} for plain text; "
        "leave it out, or call the file .tsv if it is a table."
    )


def write_splits(sources: Mapping[str, TextSource], directory: str | Path) -> dict[str, Passages]:
    """Writes what each source holds, and sends to other splits what is held out of training.

    Args:
        sources: By split: "train", and "validation" and "test" where they have data of their own.
        directory: As for `prepare_text`.

    Returns:
        The passages of each of the three splits.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    train = sources["train"]
    missing = {split: split not in sources for split in ("test", "validation")}
    holdout = ByHash(**missing) if train.size is None else ByPosition(train.size, **missing)
    with contextlib.ExitStack() as stack:
        writers = {
            split: stack.enter_context(PassageWriter(directory / f"{split}.passages"))
            for split in _SPLITS
        }
        for split, source in sources.items():
            for unit, passage in source.passages:
                chosen = holdout.assign(unit, passage) if source is train else split
                writers[chosen].write(passage)
        return {split: writer.finish() for split, writer in writers.items()}


def _refuse_too_little(name: str, splits: dict[str, Passages], *, given: set[str]) -> None:
    """Refuses training data that nothing can be learnt from, or that leave a split empty."""
    characters = sum(splits[split].characters for split in splits if split not in given)
    if characters < FEWEST_CHARACTERS:
        raise InputError(
            f"{name}: the text must have at least {FEWEST_CHARACTERS} characters, "
            f"got {characters}; add text."
        )
    if any(passages.characters == 0 for passages in splits.values()):
        raise InputError(
            f"{name}: there are too few different passages for each of training, validation and "
            "test; add text, or give `--test-data` and `--valid-data`."
        )
