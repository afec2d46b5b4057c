"""Texts that are in memory already: checked and split like those of files, but for a test."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from nlpkit.data.corpus import MAX_CLASSES, Corpus, split_sources
from nlpkit.data.labels import parse_label_names
from nlpkit.data.paragraphs import FEWEST_PARTS, LONGEST_PASSAGE, longest_in
from nlpkit.data.passages import PassageWriter
from nlpkit.data.sources import Source
from nlpkit.data.text_corpus import FEWEST_CHARACTERS, TextCorpus, write_splits
from nlpkit.data.text_sources import TextSource, as_passages
from nlpkit.data.token_stream import TokenStream, encode_passages
from nlpkit.errors import InputError, counted, listed
from nlpkit.text import WordEncoder

__all__ = ["corpus_of_texts", "stream_of_texts", "text_corpus_of_texts"]

_NAME = "texts in memory"
_FEWEST_TEXTS = 2  # of a class: one to learn from, one to choose by


def corpus_of_texts(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    label_names: Mapping[str, str] | None = None,
    directory: str | Path,
) -> Corpus:
    """Holds a validation split out of labelled texts, as `prepare` does; the test split is empty.

    Args:
        texts: The texts.
        labels: The label of each, in the spelling of `nlpkit.data.labels.canonical`.
        label_names: Names for some or all of the labels; None for none.
        directory: As for `prepare`.

    Returns:
        The corpus.

    Raises:
        InputError: If there are fewer than two classes or more than 1,000, a class has one text
            only, or there is nothing in the texts.
    """
    different: dict[str, set[str]] = {}
    for text, label in zip(texts, labels, strict=True):
        different.setdefault(label, set()).add(text)
    if len(different) > MAX_CLASSES:
        raise InputError(
            f"`y` must hold at most {MAX_CLASSES:,} different labels, got {len(different):,}."
        )
    if few := sorted(label for label, group in different.items() if len(group) < _FEWEST_TEXTS):
        raise InputError(
            f"Each class must have at least {_FEWEST_TEXTS} different texts, one to learn from and "
            f"one to choose by, got 1 of {listed(few)}; add texts (200 are the least to learn "
            "anything from), or leave the class out."
        )
    _refuse_nothing(texts)
    rows = ((row, *pair) for row, pair in enumerate(zip(texts, labels, strict=True)))
    sources = {
        "train": Source(_NAME, None, None, rows, unit="row"),
        "test": Source(_NAME, None, None, iter(())),
    }
    return split_sources(
        sources, name=_NAME, names=parse_label_names(label_names), directory=directory
    )


def text_corpus_of_texts(texts: Sequence[str], *, directory: str | Path) -> TextCorpus:
    """Holds a validation split out of texts, as `prepare_text` does; the test split is empty.

    A twentieth, chosen by hash. Fewer than 40 texts are taken for one running text, whose last
    twentieth is held out.

    Args:
        texts: The texts, in their order.
        directory: As for `prepare_text`.

    Returns:
        The corpus.

    Raises:
        InputError: If the texts are too short to learn anything from.
    """
    characters = sum(map(len, texts))
    if characters < FEWEST_CHARACTERS:
        raise InputError(
            f"`X` must have at least {FEWEST_CHARACTERS} characters in all its texts to learn "
            f"from, got {characters}; add text."
        )
    _refuse_nothing(texts)
    longest = longest_in(characters)
    size, form = None, "lines"
    if len(texts) < FEWEST_PARTS:
        size, form = (
            sum(len(part) + 1 for _, part in as_passages(texts, longest=longest)),
            "running text",
        )
    passages = as_passages(texts, longest=longest if size else LONGEST_PASSAGE)
    sources = {
        "train": TextSource(_NAME, form, passages, size=size),
        "test": TextSource(_NAME, form, iter(())),
    }
    splits = write_splits(sources, directory)
    if not (splits["train"].characters and splits["validation"].characters):
        raise InputError(
            "`X` must have texts to learn from and a twentieth to choose by, got "
            f"{len(set(texts)):,} different texts; add text."
        )
    return TextCorpus(_NAME, None, form, splits["train"], splits["validation"], splits["test"])


def stream_of_texts(
    texts: Sequence[str], encoder: WordEncoder, *, directory: str | Path
) -> TokenStream:
    """Encodes texts as those of a corpus are.

    Args:
        texts: The texts, in their order.
        encoder: Strings to ids.
        directory: An existing folder of the caller's; its file must outlive the stream.

    Returns:
        The stream.

    Raises:
        InputError: If there is nothing in the texts.
    """
    _refuse_nothing(texts)
    with PassageWriter(Path(directory) / "stream.passages") as writer:
        for _, passage in as_passages(texts):
            writer.write(passage)
        passages = writer.finish()
    return encode_passages(passages, encoder, passages.path.with_suffix(".ids"))


def _refuse_nothing(texts: Sequence[str]) -> None:
    """Refuses texts of white space alone."""
    if not any(map(str.strip, texts)):
        raise InputError(
            f"`X` must hold text, got {counted(len(texts), 'text')} of white space alone."
        )
