"""How files lie in a folder or a .zip: which of them are read, for which split, and as what.

    classes     pos/1.txt, neg/2.txt, …: one text per file, labelled by the folder that it lies in
    texts       1.txt, 2.txt, …: one text per file
    arrow       what `datasets` writes with `save_to_disk`
    tables      one table, or several parts of one

Each may lie in train/, validation/ and test/, as aclImdb does, or be files named so: train.tsv.
"""

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping

from nlpkit.data.files import ending, unreadable
from nlpkit.data.spec import format_of_ending
from nlpkit.data.trees import Tree
from nlpkit.errors import InputError, listed

__all__ = ["Part", "find_layout"]

_SPLITS = {
    "train": "train", "training": "train",
    "valid": "validation", "validation": "validation", "val": "validation", "dev": "validation",
    "test": "test", "testing": "test", "eval": "test",
}  # fmt: skip
_SPLIT_IN_NAME = re.compile(rf"(?:^|[^a-z])({'|'.join(_SPLITS)})(?:[^a-z]|$)")
_UNLABELLED = {"unsup", "unsupervised", "unlabelled", "unlabeled"}
"""Folders beside those of classes whose texts have no label."""
_NUMBER = re.compile(r"(\d+)")
_STATE, _SPLIT_LIST = "state.json", "dataset_dict.json"


@dataclasses.dataclass(frozen=True)
class Part:
    """The files of one split.

    Attributes:
        kind: "classes", "texts", "arrow" or "tables".
        paths: Which files of the tree, in order.
        labels: Of "classes", the label of each file.
        left_out: Files and folders beside them that are not read.
    """

    kind: str
    paths: tuple[str, ...]
    labels: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def find_layout(tree: Tree, *, plain: bool = False) -> dict[str, Part]:
    """Tells what the files of a folder or an archive are from their paths.

    Args:
        tree: The files.
        plain: Whether plain text is wanted: a .txt is a text then, whatever folder it lies in.

    Returns:
        What to read of each split, "train" alone if there is one only.

    Raises:
        InputError: If nothing can be read, or it is not clear what.
    """
    data = [path for path in tree.paths if _is_data(path)]
    root = _common_folder(data)
    inside = [path.removeprefix(root) for path in data]
    if f"{root}{_STATE}" not in tree.paths:
        for by_split in (_split_folders(inside), _split_files(inside)):
            if by_split:
                parts: dict[str, Part] = {
                    split: _part(tree, root, by_split[split], plain=plain)
                    for split in ("train", "validation", "test")
                    if split in by_split
                }
                return _with_left_out(parts, set(inside).difference(*by_split.values()))
    return {"train": _part(tree, root, inside, plain=plain)}


def _with_left_out(parts: dict[str, Part], paths: Iterable[str]) -> dict[str, Part]:
    """The parts, the first of which knows what lies beside all of them."""
    first = next(iter(parts))
    beside = (*_collapsed(paths), *parts[first].left_out)
    return {**parts, first: dataclasses.replace(parts[first], left_out=beside)}


def _collapsed(paths: Iterable[str]) -> tuple[str, ...]:
    """The files that lie in no folder, and the outermost folders of the others."""
    return tuple(sorted({_outermost(path) for path in paths}))


def _outermost(path: str) -> str:
    """The first folder of a path, with a slash, or the file's name."""
    folders = _folders(path)
    return f"{folders[0]}/" if folders else path.rpartition("/")[2]


def _folders(path: str) -> list[str]:
    """The folders that a file lies in, but for those that are named for splits."""
    return [folder for folder in path.split("/")[:-1] if folder.lower() not in _SPLITS]


def _natural(path: str) -> list[tuple[int, str]]:
    """A key that sorts chapter 2 before chapter 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBER.split(path)]


def _is_data(path: str) -> bool:
    """Whether a file may be read, or tells what others are."""
    name = path.rsplit("/", 1)[-1].lower()
    return (name == _STATE or format_of_ending(ending(name)) not in (None, "zip")) and name not in (
        "dataset_info.json",
        _SPLIT_LIST,
    )


def _common_folder(paths: list[str]) -> str:
    """The folders around all the files, "" or with a slash at the end; no folder of a split."""
    folders = [path.split("/")[:-1] for path in paths]
    common = []
    for level in zip(*folders, strict=False):
        if len(set(level)) > 1 or level[0].lower() in _SPLITS:
            break
        common.append(level[0])
    return "".join(f"{folder}/" for folder in common)


def _split_folders(paths: Iterable[str]) -> dict[str, list[str]]:
    """The files in folders that are named for splits, if one is for training or testing."""
    by_split: dict[str, list[str]] = {}
    for path in paths:
        folder, slash, _ = path.partition("/")
        if slash and (split := _SPLITS.get(folder.lower())):
            by_split.setdefault(split, []).append(path)
    return by_split if {"train", "test"} & set(by_split) else {}


def _split_files(paths: Iterable[str]) -> dict[str, list[str]]:
    """The files at the top that are named for splits, if one is for training."""
    by_split: dict[str, list[str]] = {}
    for path in paths:
        named = "/" not in path and _SPLIT_IN_NAME.search(path.lower())
        if named:
            by_split.setdefault(_SPLITS[named[1]], []).append(path)
    return by_split if "train" in by_split else {}


def _part(tree: Tree, root: str, paths: list[str], *, plain: bool) -> Part:
    """What the files of one split are."""
    if states := [path for path in paths if path.rsplit("/", 1)[-1] == _STATE]:
        return Part("arrow", tuple(_arrow_files(tree, f"{root}{states[0]}")))
    texts = sorted((path for path in paths if ending(path) == "txt"), key=_natural)
    tables = [path for path in paths if ending(path) != "txt"]
    labels = _classes(tree, texts)
    kind, chosen = "texts", texts
    if labels and tables and not plain:
        raise InputError(
            f"{tree.name}: it must hold folders of classes or a table, not both, got "
            f"{listed(_collapsed([*labels, *tables]))}; give one of them."
        )
    if labels:
        kind = "texts" if plain else "classes"
        chosen = list(filter(_folders, texts)) if plain else list(labels)
    elif tables:
        kind, chosen = "tables", _one_table(tree, tables)
    elif len(texts) == 1:
        kind = "tables"
    if chosen:
        return Part(
            kind,
            tuple(root + path for path in chosen),
            tuple(labels.values()) if kind == "classes" else (),
            _collapsed(set(paths) - set(chosen)),
        )
    raise InputError(
        f"{tree.name}: there is nothing to read in it: no folder of .txt files for each class, no "
        "table (.csv, .tsv, .jsonl, .json, .parquet), and no dataset that `save_to_disk` wrote."
    )


def _one_table(tree: Tree, paths: list[str]) -> list[str]:
    """The one table, or the parts of one, which differ by their numbers only."""
    if len({re.sub(r"\d+", "0", path) for path in paths}) > 1:
        raise InputError(
            f"{tree.name}: a folder or archive must hold one table, or tables named train, "
            f"validation and test, got {listed(paths)}; give the file."
        )
    return sorted(paths, key=_natural)


def _classes(tree: Tree, paths: Iterable[str]) -> Mapping[str, str]:
    """The label of each text that lies in the folder of a class; none if there is one class."""
    labels: dict[str, str] = {}
    examples: dict[int, str] = {}  # by depth
    for path in paths:
        inner = _folders(path)
        if inner and inner[0].lower() not in _UNLABELLED:
            labels[path] = inner[0]
            examples.setdefault(len(inner), path)
    if len(set(labels.values())) < 2:
        return {}
    if len(examples) > 1:
        raise InputError(
            f"{tree.name}: the folders of the classes must lie at one depth, got "
            f"{listed(examples.values())}; call the folders of splits train, validation and test."
        )
    return labels


def _arrow_files(tree: Tree, state: str) -> Iterator[str]:
    """The files of a dataset in their order, as its state.json lists them."""
    file = tree.file(state)
    try:
        with file.open() as stream:
            content = json.load(stream)
            files = [each["filename"] for each in content["_data_files"]]
    except OSError as error:
        raise unreadable(file.name, error) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(
            f"{file.name}: `datasets` did not write this; give the table itself."
        ) from None
    if content.get("_indices_files") or content.get("_indices_data_files"):
        raise InputError(
            f"{tree.name}: the dataset is a selection of rows; save what "
            "`dataset.flatten_indices()` returns."
        )
    folder = state.removesuffix(_STATE)
    for name in files:
        if f"{folder}{name}" not in tree.paths:
            raise InputError(f"{tree.name}: {folder}{name} is missing, which {state} lists.")
        yield f"{folder}{name}"
