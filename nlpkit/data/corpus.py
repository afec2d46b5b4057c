"""From a SPEC to labelled examples: read once, checked, mixed and split, ready to stream."""

import contextlib
import dataclasses
import functools
import itertools
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from nlpkit.data.buckets import HashSorter
from nlpkit.data.columns import Columns
from nlpkit.data.guesses import Tell, one_encoding, tell_guesses
from nlpkit.data.holdout import HoldOut
from nlpkit.data.label_checks import refuse_doubtful_labels
from nlpkit.data.labels import Labels, parse_label_names
from nlpkit.data.shards import ShardWriter, Split
from nlpkit.data.sources import Source, open_sources
from nlpkit.data.splits import own_splits, parse_splits
from nlpkit.data.tables import UNLABELLED
from nlpkit.errors import InputError, counted, listed

__all__ = ["MAX_CLASSES", "Corpus", "prepare", "split_sources"]

MAX_CLASSES = 1000
"""The most different labels; a column with more holds something else."""
_FEW_CLASSES = 20
_FAR = 0.1
_MAX_NOTICES = 5


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Labelled texts, split and ready to train on.

    Attributes:
        name: The data as the user named them; "bundled" for the bundled reviews.
        text_column: The column or TFDS feature of the training data that holds the text, guessed
            or given; None for the bundled reviews.
        label_column: That with the label; None likewise.
        labels: The classes.
        train: Training examples, in random order.
        validation: Validation examples.
        test: Test examples.
        notices: Warnings for the user.
        encoding: The one encoding of all files; None if they have several or none.
    """

    name: str
    text_column: str | None
    label_column: str | None
    labels: Labels
    train: Split
    validation: Split
    test: Split
    notices: tuple[str, ...] = ()
    encoding: str | None = None


def prepare(
    data: str | Path | None = None,
    *,
    test_data: str | Path | None = None,
    valid_data: str | Path | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    label_names: str | Mapping[str, str] | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    data_dir: str | Path | None = None,
    tell: Tell | None = None,
    directory: str | Path,
) -> Corpus:
    """Reads labelled texts once, checks every row, and writes them to shards that stream.

    Test data come from `test_data`, else from the data's own test (or validation) split, else a
    tenth of each class is held out. Validation data likewise; see `HoldOut`.

    Args:
        data: A SPEC: None for the bundled reviews, tfds:NAME, a file or a folder.
        test_data: A SPEC of test data.
        valid_data: A SPEC of validation data.
        text_column: Column with the text; None to guess.
        label_column: Column with the label; None to guess.
        label_names: Names for the labels, as "0=negative,1=positive" or as a mapping. Labels of
            one name are one class; rows whose label has an empty name are left out.
        encoding: Encoding of the files; None to find it out.
        header: Whether the first row of a file names its columns; None to find it out.
        data_dir: Where TFDS data sets lie; None for TFDS's own default.
        tell: Takes a line that says what was guessed, before the data are read; None to discard it.
        directory: A folder of the caller's for the shards; they must outlive the corpus.

    Returns:
        The corpus. Only the shards at work are ever in memory.

    Raises:
        InputError: If the data are missing, broken, or cannot be learnt from, or if two splits are
            to come from one file.
    """
    names = parse_label_names(label_names)
    opened = functools.partial(
        open_sources,
        text_column=text_column,
        label_column=label_column,
        encoding=encoding,
        header=header,
        data_dir=data_dir,
    )
    spec, others = parse_splits(data, valid_data=valid_data, test_data=test_data)
    sources = own_splits(opened(spec))
    known = Columns(sources["train"].text_column, sources["train"].label_column)
    for split, other in others.items():
        other_sources = own_splits(opened(other, known=known))
        sources[split] = other_sources.get(split, other_sources["train"])
    tell_guesses(sources.values(), tell)
    return split_sources(sources, name=spec.text, names=names, directory=directory)


def split_sources(
    sources: Mapping[str, Source],
    *,
    name: str,
    names: Mapping[str, str],
    directory: str | Path,
) -> Corpus:
    """Checks labelled texts, and writes each split to shards; what is missing is held out.

    Args:
        sources: By split: "train", and "validation" and "test" where they have data of their own.
        name: What the corpus is called.
        names: Names for the labels, as `parse_label_names` gives them; empty for none.
        directory: As for `prepare`.

    Returns:
        The corpus.

    Raises:
        InputError: As `prepare`.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    with HashSorter(directory) as sorter:
        left_out = {value for value, called in names.items() if not called}
        counts = _scatter(sources["train"], sorter, left_out)
        labels = _labels(counts, sources["train"], names)
        splits = {
            split: _write_as_it_comes(source, labels, directory, split)
            for split, source in sources.items()
            if split != "train"
        }
        held_out, notices = _settle(sorter, counts, labels, directory, given=set(splits))
    if names and (message := labels.half_named()):
        notices = [message, *notices]
    if rows := sum(counts[value] for value in labels.left_out):
        notices = [
            f"`--label-names` leaves out {counted(rows, 'training row')} with "
            f"{listed(labels.left_out)}",
            *notices,
        ]
    train = sources["train"]
    return Corpus(
        name,
        train.text_column,
        train.label_column,
        labels,
        **splits,
        **held_out,
        notices=tuple(notices),
        encoding=one_encoding(sources.values()),
    )


def _scatter(source: Source, sorter: HashSorter, left_out: Collection[str]) -> Counter[str]:
    """Hands the training examples to the sorter, each marked by its label's first appearance.

    All are counted, those that are left out too.
    """
    marks: dict[str, int] = {}
    counts: Counter[str] = Counter()
    empty = True
    for _, text, value in source.examples():
        mark = marks.setdefault(value, len(marks))
        if mark == MAX_CLASSES:
            raise InputError(
                f"{source.name}: column {source.label_column!r} holds more than "
                f"{MAX_CLASSES:,} different values, too many for labels; "
                "name the label column with `--label-column`."
            )
        counts[value] += 1
        if value in left_out:
            continue
        empty = empty and not text.strip()
        sorter.add(text, mark)
    if empty and counts.keys() - left_out:
        raise InputError(
            f"{source.name}: every text in column {source.text_column!r} is empty; "
            "name the text column with `--text-column`."
        )
    return counts


def _labels(counts: Counter[str], source: Source, names: Mapping[str, str]) -> Labels:
    """The classes, unless the column looks like anything but labels."""
    rows = counts.total()
    if len(counts) > _FEW_CLASSES and 2 * len(counts) > rows:
        raise InputError(
            f"{source.name}: column {source.label_column!r} holds {len(counts):,} different values "
            f"in {rows:,} rows, too many for labels; name the label column with `--label-column`."
        )
    none = str(UNLABELLED)
    if source.label_names and none in counts and none not in names:
        raise InputError(
            f"{source.name}: the label of {counted(counts[none], 'row')} is {none}, which stands "
            f"for none; leave them out with `--label-names={none}=`."
        )
    if not counts.keys() <= names.keys():  # Who names each value knows them.
        refuse_doubtful_labels(counts, name=source.name, column=source.label_column)
    own = {value: name for value, name in source.label_names.items() if value in counts}
    return Labels.of(counts, names=own | dict(names))


def _write_as_it_comes(source: Source, labels: Labels, directory: Path, split: str) -> Split:
    """Writes a split that has data of its own, in their order."""
    known = labels.spellings()
    left_out = 0
    with ShardWriter(directory, split, classes=len(labels)) as writer:
        for location, text, label in source.examples():
            value = source.spelt(label, known)
            if value not in known:
                wrong = (
                    "stands for none; give data whose rows all have a label"
                    if source.label_names and value == str(UNLABELLED)
                    else "does not occur in the training data, whose labels are "
                    f"{listed(labels.indices())}"
                )
                raise InputError(f"{source.at(location)}: the label {value!r} {wrong}.")
            if (index := known[value]) is None:
                left_out += 1
            else:
                writer.write(text, index)
        written = writer.finish()
    if left_out and not written.size:
        raise InputError(
            f"{source.name}: `--label-names` leaves out every label of these {split} data; give "
            "them other names, or other data."
        )
    return written


def _settle(
    sorter: HashSorter, counts: Counter[str], labels: Labels, directory: Path, *, given: set[str]
) -> tuple[dict[str, Split], list[str]]:
    """Writes the training split, and those held out of it, by hash; and what to say of them."""
    indices = labels.indices()
    # A Counter remembers the order of first appearance, which is what the marks number.
    classes = [indices.get(value, -1) for value in counts]
    sizes = [0] * len(labels)
    for value, index in indices.items():
        sizes[index] += counts[value]
    holdout = HoldOut(
        sizes,
        labels.names,
        lambda: sorter.groups(classes),
        test="test" not in given,
        validation="validation" not in given,
    )
    with contextlib.ExitStack() as stack:
        writers = {
            split: stack.enter_context(ShardWriter(directory, split, classes=len(labels)))
            for split in ("train", *holdout.quotas)
        }
        by_text = itertools.groupby(sorter.sorted(classes), key=lambda example: example[0])
        for _, same in by_text:
            copies = list(same)
            split = holdout.assign(Counter(index for *_, index in copies))
            for _, text, index in copies:
                writers[split].write(text, index)
        splits = {split: writer.finish() for split, writer in writers.items()}
    return splits, _off_quota(splits, holdout, labels)


def _off_quota(splits: Mapping[str, Split], holdout: HoldOut, labels: Labels) -> list[str]:
    """Refuses a split without a class, and says where copies kept a split from its quota."""
    off = []
    for index, name in enumerate(labels.names):
        for role, split in splits.items():
            got = split.class_counts[index]
            if got == 0:
                raise InputError(
                    f"Class {name!r} cannot be in each of {', '.join(splits)}: its texts also have "
                    "other labels, and copies of a text stay together; mend the labels, or give "
                    "`--test-data` and `--valid-data`."
                )
            wanted = holdout.quotas[role][index] if role in holdout.quotas else got
            if abs(got - wanted) > max(1, _FAR * wanted):
                off.append(f"{got:,} of class {name!r} for {role}, not {wanted:,}")
    if not off:
        return []
    return [f"copies of a text stay together, so there are {'; '.join(off[:_MAX_NOTICES])}"]
