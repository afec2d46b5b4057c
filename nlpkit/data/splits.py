"""Training, validation and test data: which SPEC each comes from."""

import os
from pathlib import Path
from typing import TypeVar

from nlpkit.data.files import unreadable
from nlpkit.data.spec import Spec, parse_spec
from nlpkit.errors import InputError, listed

__all__ = ["own_splits", "parse_splits"]

_Source = TypeVar("_Source")


def parse_splits(
    data: str | Path | None, *, valid_data: str | Path | None, test_data: str | Path | None
) -> tuple[Spec, dict[str, Spec]]:
    """Takes the SPECs of all splits apart.

    Args:
        data: The SPEC to learn from; None for the bundled data.
        valid_data: That of validation data; None for none.
        test_data: That of test data; None for none.

    Returns:
        The first, and those of "validation" and "test" that were given.

    Raises:
        InputError: If a SPEC is malformed, one file is to serve two splits, or a validation or test
            file cannot be opened.
    """
    spec = parse_spec(data)
    others = {
        split: parse_spec(other, option=option)
        for split, option, other in (
            ("validation", "--valid-data", valid_data),
            ("test", "--test-data", test_data),
        )
        if other is not None
    }
    _refuse_one_file_twice([spec, *others.values()])
    for other in others.values():  # Before the training data are read, which may take long.
        _refuse_unreadable(other)
    return spec, others


def own_splits(splits: dict[str, _Source]) -> dict[str, _Source]:
    """The splits that data bring themselves.

    Args:
        splits: What there is by the name of its split.

    Returns:
        The same by splits: a validation split without a test split is the test, and what is alone
        is for training.

    Raises:
        InputError: If there are several splits, but none for training.

    Example:
        >>> own_splits({"train": 1, "validation": 2})
        {'train': 1, 'test': 2}
        >>> own_splits({"test": 1})
        {'train': 1}
    """
    if len(splits) > 1 and "train" not in splits:
        raise InputError(f"The data must have a training split, got {listed(splits)} only.")
    if len(splits) == 1:
        (only,) = splits.values()
        return {"train": only}
    if "test" not in splits and "validation" in splits:
        return {("test" if name == "validation" else name): part for name, part in splits.items()}
    return splits


def _refuse_unreadable(spec: Spec) -> None:
    """Refuses a file that cannot be opened."""
    if spec.path is None or spec.kind == "folder":
        return
    try:
        spec.path.open("rb").close()
    except OSError as error:
        raise unreadable(spec.text, error) from None


def _refuse_one_file_twice(specs: list[Spec]) -> None:
    """Refuses to use the same examples in two splits."""
    files = [os.path.realpath(spec.path) for spec in specs if spec.path is not None]
    for spec in specs:
        if spec.path is not None and files.count(os.path.realpath(spec.path)) > 1:
            raise InputError(
                "`--data`, `--valid-data` and `--test-data` must be different files, "
                f"got {spec.text!r} twice; leave one out, and a part of the data is held out."
            )
