"""Data sets of TensorFlow Datasets by name: tfds:NAME or tfds:NAME/CONFIG."""

import difflib
import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import tensorflow_datasets as tfds

from nlpkit.data.tables import UNLABELLED
from nlpkit.errors import InputError

__all__ = [
    "labelled_splits",
    "load_builder",
    "read_examples",
    "read_texts",
    "splits",
]

_Builder: TypeAlias = tfds.core.DatasetBuilder
_SPLITS = ("train", "validation", "test")
_PATIENCE = 2.5  # seconds that the network is given to answer


def load_builder(spec: str, *, data_dir: str | Path | None = None) -> _Builder:
    """Finds a data set by name and makes sure that it lies prepared on disk.

    What is on disk is used as it is, also where this machine's TFDS does not know the name. What
    is not is downloaded, after a short look whether its host can be reached: without a network
    TFDS itself would retry for minutes.

    Args:
        spec: "tfds:NAME" or "tfds:NAME/CONFIG".
        data_dir: Where prepared data sets lie; None for TFDS_DATA_DIR or TFDS's default.

    Returns:
        The builder of a prepared data set.

    Raises:
        InputError: If the name is unknown, nothing answers, or the preparation fails.
    """
    name = spec.removeprefix("tfds:")
    data_dir = None if data_dir is None else str(data_dir)
    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except tfds.core.registered.DatasetNotFoundError:
        raise InputError(_unknown_name(name)) from None
    except (ValueError, RuntimeError) as error:
        raise InputError(_unknown_config(name, error)) from None
    if not builder.is_prepared():
        _prepare(builder, spec)
    return builder


def labelled_splits(builder: _Builder, label: str, *, name: str) -> tuple[str, ...]:
    """The splits to use, of train, validation and test; some data sets publish a test unlabelled.

    Args:
        builder: A prepared builder.
        label: The label feature.
        name: What errors call the data set.

    Returns:
        Names of splits, "train" first.

    Raises:
        InputError: If there is no training split.
    """
    return tuple(
        split
        for split in splits(builder, name=name)
        if split == "train" or _is_labelled(builder, split, label)
    )


def splits(builder: _Builder, *, name: str) -> tuple[str, ...]:
    """The splits there are, of train, validation and test.

    Args:
        builder: A prepared builder.
        name: What errors call the data set.

    Returns:
        Names of splits, "train" first.

    Raises:
        InputError: If there is no training split.
    """
    if "train" not in builder.info.splits:
        raise InputError(
            f"{name}: a split 'train' is needed; the splits are {sorted(builder.info.splits)}."
        )
    return tuple(split for split in _SPLITS if split in builder.info.splits)


def read_examples(
    builder: _Builder, split: str, text: str, label: str, *, name: str
) -> Iterator[tuple[int, str, str]]:
    """Yields the examples of a split, in the order of its files.

    Args:
        builder: A prepared builder.
        split: The split, for example "train".
        text: The text feature.
        label: The label feature.
        name: What errors call the data set.

    Yields:
        `(number, text, label)`, counted from 1; the label as text.

    Raises:
        InputError: At a text that is not UTF-8.
    """
    number = 0
    dataset = builder.as_dataset(split=split).map(lambda row: (row[text], row[label]))
    for texts, labels in dataset.batch(1024).as_numpy_iterator():
        for raw, value in zip(texts.tolist(), labels.tolist(), strict=True):
            number += 1
            try:
                decoded = raw.decode()
                yield number, decoded, value.decode() if isinstance(value, bytes) else str(value)
            except UnicodeDecodeError:
                raise InputError(f"{name}, example {number}: the text is not UTF-8.") from None


def read_texts(builder: _Builder, split: str, text: str, *, name: str) -> Iterator[str]:
    """Yields the texts of a split, in the order of its files.

    Args:
        builder: A prepared builder.
        split: The split, for example "train".
        text: The text feature.
        name: What errors call the data set.

    Yields:
        Each text.

    Raises:
        InputError: At a text that is not UTF-8.
    """
    return (decoded for _, decoded, _ in read_examples(builder, split, text, text, name=name))


def _is_labelled(builder: _Builder, split: str, label: str) -> bool:
    """False if the split is empty or its first class is TFDS's mark for none."""
    has_mark = isinstance(builder.info.features[label], tfds.features.ClassLabel)
    rows = builder.as_dataset(split=split).take(1).as_numpy_iterator()
    return any(not (has_mark and row[label] == UNLABELLED) for row in rows)


def _prepare(builder: _Builder, spec: str) -> None:
    """Downloads and prepares a data set, if its host answers."""
    cure = (
        f"prepare it where there is a network, copy the folder to {builder.data_dir}, or name the "
        "folder that holds it with `--data-dir` or TFDS_DATA_DIR"
    )
    urls = [*builder.url_infos, *([builder.info.homepage] if builder.info.homepage else [])]
    if urls and not _answers(urls[0]):
        raise InputError(f"{spec} is not on this disk and the network does not answer; {cure}.")
    try:
        builder.download_and_prepare()
    except (OSError, ValueError, RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).strip().split("\n")[0]
        raise InputError(
            f"{spec} could not be downloaded and prepared ({reason}); {cure}."
        ) from None


def _answers(url: str) -> bool:
    """Whether a host answers at all within `_PATIENCE` seconds."""
    heard = threading.Event()

    def ask() -> None:
        try:
            request = urllib.request.Request(url, method="HEAD")
            urllib.request.urlopen(request, timeout=_PATIENCE).close()
        except urllib.error.HTTPError as refusal:
            refusal.close()  # A refusal is an answer.
        except http.client.HTTPException:
            pass  # So is one that is no HTTP.
        except (OSError, ValueError):
            return
        heard.set()

    # A thread, because no timeout reaches the look-up of a name.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    return heard.is_set()


def _unknown_name(name: str) -> str:
    """The sentence about a name that TFDS does not know."""
    known = sorted(set(tfds.list_builders(with_community_datasets=False)))
    wanted = name.partition("/")[0].partition(":")[0]
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(close)}?" if close else "no known name is close to it."
    return f"TFDS has no data set {wanted!r}, and none lies prepared in its folder; {hint}"


def _unknown_config(name: str, error: Exception) -> str:
    """The sentence about a configuration or version that the data set does not have."""
    wanted, _, config = name.partition("/")
    try:
        configs = list(tfds.builder_cls(wanted.partition(":")[0]).builder_configs)
    except (ValueError, ImportError):
        configs = []
    close = difflib.get_close_matches(config, configs, n=3, cutoff=0.0)
    if close and config not in configs:
        return f"tfds:{wanted} has no configuration {config!r}; did you mean {' or '.join(close)}?"
    reason = str(error).strip().split("\n")[0]
    return f"tfds:{name} cannot be opened ({reason})."
