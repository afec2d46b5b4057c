"""Who is compared: ours, and what people use instead."""

import importlib.util
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nlpkit.checks import check_choice
from nlpkit.compare.benchmark import Plan
from nlpkit.compare.workload import Workload
from nlpkit.errors import InputError

if TYPE_CHECKING:
    from nlpkit.layers import Member

__all__ = [
    "CONTESTANTS",
    "OURS",
    "Contestant",
    "entrants",
    "heads",
    "present",
    "require_cells",
    "require_tensorflow",
]


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """One implementation of the cells. Equal cells give equal numbers for equal weights.

    Attributes:
        name: Its key, and the beginning of what is said of it.
        title: A short word for the head of a column.
        colour: Of it in every picture; the colour-blind can tell all of them apart.
        masks: Whether it takes a mask.
        needs: The package it comes with, and the backend on which Keras leaves others alone.
        has: Whether it has a member of `nlpkit.layers.FAMILY`.
        peer: Takes a `Workload` and gives an object with `forward`, `training`, `fit`, `decode`,
            `ran` and `says`, like `KerasPeer`.
    """

    name: str
    title: str
    colour: str
    masks: bool = True
    needs: str = "tensorflow"
    has: Callable[["Member"], bool]
    peer: Callable[[Workload], Any]


def _ours(workload: Workload) -> Any:
    """The layer of nlpkit.layers."""
    from nlpkit.compare.keras_peer import KerasPeer

    return KerasPeer(workload.member.make, workload)


def _keras(workload: Workload) -> Any:
    """The layer of Keras as users build it, `use_cudnn` left alone."""
    from nlpkit.compare.keras_peer import KerasPeer

    member = workload.member
    return KerasPeer(
        lambda units, **options: member.keras_layer(units, **member.arguments, **options), workload
    )


def _torch(workload: Workload) -> Any:
    """The module of torch.nn."""
    from nlpkit.compare.torch_peer import TorchPeer

    return TorchPeer(workload)


OURS = "nlpkit"
CONTESTANTS = {
    contestant.name: contestant
    for contestant in (
        Contestant(
            name=OURS, title="nlpkit", colour="#0072B2", has=lambda member: True, peer=_ours
        ),
        Contestant(
            name="keras",
            title="Keras",
            colour="#D55E00",
            has=lambda member: member.keras_name is not None,
            peer=_keras,
        ),
        Contestant(
            name="torch",
            title="torch",
            colour="#009E73",
            masks=False,
            needs="torch",
            has=lambda member: member.torch_name is not None,
            peer=_torch,
        ),
    )
}
"""Everybody by name, ours first. The colours are Okabe and Ito's."""


def present(only: Collection[str] = ()) -> dict[str, Contestant]:
    """Those whose package is installed.

    Args:
        only: Names of those to take beside ours. Default: all.

    Returns:
        Contestants by name.

    Raises:
        InputError: If a name is nobody's.

    Example:
        >>> list(present(["keras"]))
        ['nlpkit', 'keras']
    """
    for name in only:
        check_choice("contestants", name, CONTESTANTS)
    return {
        name: contestant
        for name, contestant in CONTESTANTS.items()
        if importlib.util.find_spec(contestant.needs) and name in {OURS, *(only or CONTESTANTS)}
    }


def entrants(cell: str, only: Collection[str] = ()) -> dict[str, Contestant]:
    """Those who are present and have a cell.

    Args:
        cell: A key of `nlpkit.layers.FAMILY`.
        only: As `present`.

    Returns:
        Contestants by name.

    Raises:
        InputError: If there is no such cell, or a name is nobody's.

    Example:
        >>> list(entrants("gru-reset-before"))
        ['nlpkit', 'keras']
    """
    from nlpkit.layers import member

    found = member(cell)
    return {name: each for name, each in present(only).items() if each.has(found)}


def heads(cell: str, names: Collection[str]) -> list[tuple[str, str]]:
    """The heads of the contestants' columns.

    Args:
        cell: What they were compared at.
        names: Keys of `CONTESTANTS`.

    Returns:
        For each its title, and the cell.

    Example:
        >>> heads("gru", ["keras"])
        [('Keras', 'gru')]
    """
    return [(CONTESTANTS[name].title, cell) for name in names]


def require_tensorflow(plan: Plan) -> None:
    """Insists that the cells exist and that Keras runs on TensorFlow, as `KerasPeer` does.

    Args:
        plan: Any.

    Raises:
        InputError: If KERAS_BACKEND says otherwise, or there is no such cell.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise InputError(
            "`KERAS_BACKEND` must be tensorflow where speed or memory is compared, got "
            f"{keras.backend.backend()!r}; unset it."
        )
    require_cells(plan)


def require_cells(plan: Plan) -> None:
    """Insists that the cells exist.

    Args:
        plan: Any.

    Raises:
        InputError: If a cell is none of `nlpkit.layers.FAMILY`.
    """
    from nlpkit.layers import FAMILY

    for cell in plan.cells:
        check_choice("--cells", cell, FAMILY)
