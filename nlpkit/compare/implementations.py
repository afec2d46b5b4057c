"""The implementations that are compared: nlpkit's layers, Keras's and torch's."""

import importlib.util
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nlpkit.checks import check_choice
from nlpkit.compare.benchmark import Plan
from nlpkit.compare.workload import Workload
from nlpkit.errors import InputError

if TYPE_CHECKING:
    from nlpkit.layers import Member

__all__ = [
    "IMPLEMENTATIONS",
    "OURS",
    "Adapter",
    "Implementation",
    "implementations_of",
    "column_heads",
    "installed",
    "require_cells",
    "require_tensorflow",
]


class Adapter(Protocol):
    """An implementation with a workload: each method builds a call that returns when it is done.

    Attributes:
        says: The layer's own report of where it runs; empty if it has none.
        ran: A description of what each built call ran, by operation.
    """

    @property
    def says(self) -> str: ...

    @property
    def ran(self) -> dict[str, str]: ...

    def forward(self, *, masked: bool) -> Callable[[], Any]:
        """Outputs of all steps.

        Args:
            masked: Whether the batch is padded.

        Returns:
            The call.
        """

    def training(self, *, masked: bool) -> Callable[[], Any]:
        """Outputs of all steps, and gradients by the inputs and the weights.

        Args:
            masked: Whether the batch is padded.

        Returns:
            The call.
        """

    def fit(self, *, masked: bool) -> Callable[[], Any]:
        """A step of `fit`: a dense layer of one unit on the last output, squared error, Adam.

        Args:
            masked: Whether the batch is padded.

        Returns:
            The call, which returns the loss.
        """

    def decode(self) -> Callable[[], Any]:
        """One step, with states passed in and returned.

        Returns:
            The call.
        """


@dataclass(frozen=True, kw_only=True)
class Implementation:
    """One implementation of the cells. Equal cells give equal numbers for equal weights.

    Attributes:
        name: Its key in the table and its name in messages.
        title: The head of its columns.
        colour: Its colour in all pictures.
        masks: Whether it supports a mask.
        needs: The package that it needs, which is also the backend for Keras in a process that
            runs it alone.
        has: Whether it has a given member of `nlpkit.layers.FAMILY`.
        adapter: Makes the adapter for a workload.
    """

    name: str
    title: str
    colour: str
    masks: bool = True
    needs: str = "tensorflow"
    has: Callable[["Member"], bool]
    adapter: Callable[[Workload], Adapter]


def _ours(workload: Workload) -> Adapter:
    """The layer of nlpkit.layers."""
    from nlpkit.compare.keras_adapter import KerasAdapter

    return KerasAdapter(workload.member.make, workload)


def _keras(workload: Workload) -> Adapter:
    """The layer of Keras as users build it, with the default of `use_cudnn`."""
    from nlpkit.compare.keras_adapter import KerasAdapter

    member, layer = workload.member, workload.member.require_keras()
    return KerasAdapter(
        lambda units, **options: layer(units, **member.arguments, **options), workload
    )


def _torch(workload: Workload) -> Adapter:
    """The module of torch.nn."""
    from nlpkit.compare.torch_adapter import TorchAdapter

    return TorchAdapter(workload)


OURS = "nlpkit"
IMPLEMENTATIONS = {
    implementation.name: implementation
    for implementation in (
        Implementation(
            name=OURS, title="nlpkit", colour="#0072B2", has=lambda member: True, adapter=_ours
        ),
        Implementation(
            name="keras",
            title="Keras",
            colour="#D55E00",
            has=lambda member: member.keras_name is not None,
            adapter=_keras,
        ),
        Implementation(
            name="torch",
            title="torch",
            colour="#009E73",
            masks=False,
            needs="torch",
            has=lambda member: member.torch_name is not None,
            adapter=_torch,
        ),
    )
}
"""By name, ours first. The colours are from the colour-blind-safe palette of Okabe and Ito."""


def installed(only: Collection[str] = ()) -> dict[str, Implementation]:
    """The implementations whose package is installed.

    Args:
        only: The names of those to compare with ours. Default: all.

    Returns:
        Implementations by name.

    Raises:
        InputError: If a name is unknown.

    Example:
        >>> list(installed(["keras"]))
        ['nlpkit', 'keras']
    """
    for name in only:
        check_choice("implementations", name, IMPLEMENTATIONS)
    return {
        name: implementation
        for name, implementation in IMPLEMENTATIONS.items()
        if importlib.util.find_spec(implementation.needs)
        and name in {OURS, *(only or IMPLEMENTATIONS)}
    }


def implementations_of(cell: str, only: Collection[str] = ()) -> dict[str, Implementation]:
    """The installed implementations of a cell.

    Args:
        cell: A key of `nlpkit.layers.FAMILY`.
        only: See `installed`.

    Returns:
        Implementations by name.

    Raises:
        InputError: If the cell or a name is unknown.

    Example:
        >>> list(implementations_of("gru-reset-before"))
        ['nlpkit', 'keras']
    """
    from nlpkit.layers import member

    cell_member = member(cell)
    return {name: each for name, each in installed(only).items() if each.has(cell_member)}


def column_heads(cell: str, names: Collection[str]) -> list[tuple[str, str]]:
    """The column heads of implementations.

    Args:
        cell: The cell that was compared.
        names: Keys of `IMPLEMENTATIONS`.

    Returns:
        For each, its title and the cell.

    Example:
        >>> column_heads("gru", ["keras"])
        [('Keras', 'gru')]
    """
    return [(IMPLEMENTATIONS[name].title, cell) for name in names]


def require_tensorflow(plan: Plan) -> None:
    """Requires that the cells exist and that Keras runs on TensorFlow, as `KerasAdapter` does.

    Args:
        plan: The plan.

    Raises:
        InputError: If Keras has another backend, or a cell is unknown.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise InputError(
            "`KERAS_BACKEND` must be tensorflow where speed or memory is compared, got "
            f"{keras.backend.backend()!r}; unset it."
        )
    require_cells(plan)


def require_cells(plan: Plan) -> None:
    """Requires that the cells exist.

    Args:
        plan: The plan.

    Raises:
        InputError: If a cell is not in `nlpkit.layers.FAMILY`.
    """
    from nlpkit.layers import FAMILY

    for cell in plan.cells:
        check_choice("--cells", cell, FAMILY)
