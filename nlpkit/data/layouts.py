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

from nlpkit.data.files import unreadable
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
_STATE, _SPLIT_LIST = "state.json", "dataset_dict.json"


@dataclasses.dataclass(frozen=True)
class Part:
    """The files of one split.

    Attributes:
        kind: "classes", "texts", "arrow" or "tables".
        paths: Which files of the tree, in order.
        labels: Of "classes", the label of each file.
    """

    kind: str
    paths: tuple[str, ...]
    labels: tuple[str, ...] = ()


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
                return {
                    split: _part(tree, root, by_split[split], plain=plain)
                    for split in ("train", "validation", "test")
                    if split in by_split
                }
    return {"train": _part(tree, root, inside, plain=plain)}


def _is_data(path: str) -> bool:
    """Whether a file may be read, or tells what others are."""
    name = path.rsplit("/", 1)[-1].lower()
    return (
        name == _STATE or format_of_ending(_ending(name)) not in (None, "zip")
    ) and name not in ("dataset_info.json", _SPLIT_LIST)


def _ending(path: str) -> str:
    """The ending of a path, or that before its .gz."""
    return path.lower().removesuffix(".gz").rpartition(".")[2]


def _common_folder(paths: list[str]) -> str:
    """The folders around all the files, "" or with a slash at the end; no folder of a class."""
    folders = [path.split("/")[:-1] for path in paths]
    common = []
    for level in zip(*folders, strict=False):
        if len(set(level)) > 1 or level[0].lower() in _SPLITS:
            break
        common.append(level[0])
    return "".join(f"{folder}/" for folder in common)


def _split_folders(paths: Iterable[str]) -> dict[str, list[str]]:
    """The files in folders that are named for splits, if one is for training or testing."""
    found: dict[str, list[str]] = {}
    for path in paths:
        folder, slash, _ = path.partition("/")
        if slash and (split := _SPLITS.get(folder.lower())):
            found.setdefault(split, []).append(path)
    return found if {"train", "test"} & set(found) else {}


def _split_files(paths: Iterable[str]) -> dict[str, list[str]]:
    """The files at the top that are named for splits, if one is for training."""
    found: dict[str, list[str]] = {}
    for path in paths:
        named = "/" not in path and _SPLIT_IN_NAME.search(path.lower())
        if named:
            found.setdefault(_SPLITS[named[1]], []).append(path)
    return found if "train" in found else {}


def _part(tree: Tree, root: str, paths: list[str], *, plain: bool) -> Part:
    """What the files of one split are."""
    if states := [path for path in paths if path.rsplit("/", 1)[-1] == _STATE]:
        return Part("arrow", tuple(_arrow_files(tree, f"{root}{states[0]}")))
    texts = [path for path in paths if _ending(path) == "txt"]
    labels = _classes(texts)
    if labels and not plain:
        return Part("classes", tuple(root + path for path in labels), tuple(labels.values()))
    if tables := [] if labels else [path for path in paths if _ending(path) != "txt"]:
        return Part("tables", tuple(root + path for path in _one_table(tree, tables)))
    if len(texts) == 1:
        return Part("tables", (root + texts[0],))
    if texts:
        return Part("texts", tuple(root + path for path in texts))
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
    return sorted(paths)


def _classes(paths: Iterable[str]) -> Mapping[str, str]:
    """The label of each text that lies in the folder of a class; none if there is one class."""
    found = {}
    for path in paths:
        folders = path.split("/")[:-1]
        inner = [folder for folder in folders if folder.lower() not in _SPLITS]
        if inner and inner[0].lower() not in _UNLABELLED:
            found[path] = inner[0]
    return found if len(set(found.values())) > 1 else {}


def _arrow_files(tree: Tree, state: str) -> Iterator[str]:
    """The files of a dataset in their order, as its state.json lists them."""
    file = tree.file(state)
    try:
        with file.open() as stream:
            content = json.load(stream)
            files = [each["filename"] for each in content["_data_files"]]
    except OSError as error:
        raise unreadable(file.name, error) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{file.name}: no such file of `datasets` is known.") from None
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
