"""Who is compared: ours, and what people use instead."""

import importlib.util
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from nlpkit.checks import check_choice
from nlpkit.compare.subject import Plan
from nlpkit.compare.task import Task
from nlpkit.errors import InputError

__all__ = ["CONTESTANTS", "OURS", "Contestant", "present", "require_tensorflow"]


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """One implementation.

    Attributes:
        name: Its key.
        title: Two short words for the head of a column.
        colour: Of it in every picture; the colour-blind can tell all of them apart.
        function: What it computes; equal functions give equal numbers for equal weights.
        masks: Whether it takes a mask.
        needs: The package it comes with.
        peer: Takes a `Task` and gives an object with `forward`, `training`, `fit`, `decode`,
            `ran` and `says`, like `KerasPeer`.
    """

    name: str
    title: tuple[str, str]
    colour: str
    function: str = "lstm"
    masks: bool = True
    needs: str = "tensorflow"
    peer: Callable[[Task], Any]


def _ours(task: Task) -> Any:
    """nlpkit.layers.LSTM."""
    from nlpkit.compare.keras_peer import KerasPeer
    from nlpkit.layers import LSTM

    return KerasPeer(LSTM, task)


def _keras(layer: str) -> Callable[[Task], Any]:
    """A layer of Keras as users build it, `use_cudnn` left alone."""

    def peer(task: Task) -> Any:
        import keras

        from nlpkit.compare.keras_peer import KerasPeer

        return KerasPeer(getattr(keras.layers, layer), task)

    return peer


def _torch(task: Task) -> Any:
    """torch.nn.LSTM."""
    from nlpkit.compare.torch_peer import TorchPeer

    return TorchPeer(task)


OURS = "nlpkit"
CONTESTANTS = {
    contestant.name: contestant
    for contestant in (
        Contestant(name=OURS, title=("nlpkit", "LSTM"), colour="#0072B2", peer=_ours),
        Contestant(
            name="keras-lstm", title=("Keras", "LSTM"), colour="#D55E00", peer=_keras("LSTM")
        ),
        Contestant(
            name="keras-gru",
            title=("Keras", "GRU"),
            colour="#E69F00",
            function="gru",
            peer=_keras("GRU"),
        ),
        Contestant(
            name="torch",
            title=("torch", "LSTM"),
            colour="#009E73",
            masks=False,
            needs="torch",
            peer=_torch,
        ),
    )
}
"""Everybody by name, ours first. The GRU is another function, of three gates instead of four. The
colours are Okabe and Ito's."""


def present(only: Collection[str] = ()) -> dict[str, Contestant]:
    """Those whose package is installed.

    Args:
        only: Names of those to take beside ours. Default: all.

    Returns:
        Contestants by name.

    Raises:
        InputError: If a name is nobody's.

    Example:
        >>> list(present(["keras-lstm"]))
        ['nlpkit', 'keras-lstm']
    """
    for name in only:
        check_choice("contestants", name, CONTESTANTS)
    return {
        name: contestant
        for name, contestant in CONTESTANTS.items()
        if importlib.util.find_spec(contestant.needs) and name in {OURS, *(only or CONTESTANTS)}
    }


def require_tensorflow(plan: Plan) -> None:
    """Insists that Keras runs on TensorFlow, as `KerasPeer` does.

    Args:
        plan: Any.

    Raises:
        InputError: If KERAS_BACKEND says otherwise.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise InputError(
            "`KERAS_BACKEND` must be tensorflow where speed or memory is compared, got "
            f"{keras.backend.backend()!r}; unset it."
        )
