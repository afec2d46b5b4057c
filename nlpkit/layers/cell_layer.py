"""One step of a recurrent cell as a Keras layer, derived from the cell's declaration."""

import inspect
import re
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

# No public name brings the masks of Keras's own cells.
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell

from nlpkit.cells import Cell
from nlpkit.checks import (
    check_choice,
    check_fraction,
    check_positive_integer,
    check_positive_number,
)
from nlpkit.layers.arguments import (
    OF_THE_LAYER,
    parsed,
    serialized,
)
from nlpkit.layers.columns import product
from nlpkit.layers.migration.keras_2_config import upgraded
from nlpkit.layers.signature import bound, parameters_of
from nlpkit.layers.zoneout import ZoneoutRNNCell

__all__ = ["RecurrentCell", "cell_layer"]


class RecurrentCell(keras.layers.Layer, DropoutRNNCell, ZoneoutRNNCell):
    """One step of a cell, for `keras.layers.RNN` and `keras.layers.StackedRNNCells`.

    Weights, states and configuration follow from `nlpkit.cells`' declaration. Dropout masks are
    those of Keras's cells.

    Args:
        *args: The arguments of the layer along time that concern one step, in its order.
        **kwargs: The same by name; and `name`, `dtype` and `trainable`.

    Call arguments:
        inputs: The inputs of one step, [B, I].
        states: The states before the step, [B, width] each.
        training: Whether to drop. Default: `False`.

    Returns:
        h after the step, [B, width], and the list of all states.

    Masking:
        A cell sees one step and no mask; the layer around it carries states over masked steps.

    Raises:
        InputError: As the layer along time.
    """

    @staticmethod
    def declared(**arguments: Any) -> Cell:
        """The cell, as the layer along time declares it; set by `cell_layer`."""
        raise NotImplementedError

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        signature = inspect.signature(type(self))
        arguments, further = bound(type(self), signature, args, kwargs)
        super().__init__(**further)
        for name, value in arguments.items():
            setattr(self, name, parsed(name, value))
        self.argument_names = tuple(arguments)
        declaration = type(self).declared(**arguments)
        options = {n: getattr(self, n) for n in declaration.options if n in arguments}
        self.declaration = declaration.with_options(**options)
        self._check()
        sizes = self.declaration.sizes(None, **arguments)
        self.widths = tuple(sizes[state.width] for state in self.declaration.states)
        # Keras gives a single size bare.
        self.state_size = [*self.widths] if len(self.widths) > 1 else self.widths[0]
        self.output_size = self.widths[0]
        if self.recurrent_dropout:
            self.implementation = 1
        if self.implementation == 1 and len(self.declaration.gates) > 1:
            self.dropout_mask_count = len(self.declaration.gates)
        self.seed_generator = keras.random.SeedGenerator(self.seed)

    snake_case_name: str
    """The class's name as Keras names layers; set by `cell_layer`."""

    noise_by_step = False
    """Whether the layer along time draws dropout anew at every step, in place of the cell."""

    # Arguments that a cell does not take have the value at which they do nothing.
    dropout = 0.0
    recurrent_dropout = 0.0
    seed = None
    implementation = 2

    def _check(self):
        """Raises for arguments out of their range."""
        check_positive_integer("units", self.units)
        check_fraction("dropout", self.dropout)
        check_fraction("recurrent_dropout", self.recurrent_dropout)
        self.check_zoneout()
        check_choice("implementation", self.implementation, (1, 2))
        if getattr(self, "cell_clip", None) is not None:
            check_positive_number("cell_clip", self.cell_clip)
        if hasattr(self, "norm_epsilon"):
            check_positive_number("norm_epsilon", self.norm_epsilon)

    def build(self, input_shape):
        arguments = {name: getattr(self, name) for name in self.argument_names}
        sizes = self.declaration.sizes(input_shape[-1], **arguments)
        for weight in self.declaration.weights:
            made = None
            if weight.option is None or getattr(self, weight.option):
                made = self.add_weight(
                    shape=tuple(sizes.get(str(axis), axis) for axis in weight.shape),
                    name=weight.name,
                    initializer=self._initializer(weight),
                    regularizer=getattr(self, f"{weight.arguments}_regularizer", None),
                    constraint=getattr(self, f"{weight.arguments}_constraint", None),
                )
            setattr(self, weight.name, made)
        self.input_spec = keras.layers.InputSpec(axes={-1: input_shape[-1]})
        self.built = True

    def _initializer(self, weight):
        """The first values of a weight; those of a forget gate's bias may be 1."""
        initializer = getattr(self, f"{weight.arguments}_initializer")
        if weight.name != "bias" or not getattr(self, "unit_forget_bias", False):
            return initializer
        forget = self.declaration.gates.index(self.declaration.forget_gate)

        def with_ones(shape, *args, **kwargs):
            parts = [shape[-1] // len(self.declaration.gates)] * len(self.declaration.gates)
            values = initializer((parts[0] * forget,), *args, **kwargs)
            ones = keras.initializers.Ones()((parts[0],), *args, **kwargs)
            rest = initializer((sum(parts[forget + 1 :]),), *args, **kwargs)
            return ops.concatenate([values, ones, rest], axis=0)

        return with_ones

    def weights_by_role(self) -> dict[str, dict[str, Any]]:
        """The weights by the roles, and there by the names, of the declaration."""
        return {
            role: {
                w.name: getattr(self, w.name) for w in self.declaration.weights if role in w.roles
            }
            for role in ("input", "recurrent", "prepare", "step")
        }

    def weights_by_name(self, dtype: str) -> dict[str, Any]:
        """The weights by the names of the declaration.

        Args:
            dtype: What to cast them to.

        Returns:
            Tensors, and None for those that the layer goes without.
        """
        weights = {w.name: getattr(self, w.name) for w in self.declaration.weights}
        return {n: None if w is None else ops.cast(w, dtype) for n, w in weights.items()}

    def masks(self, value: Any, training: bool, *, recurrent: bool) -> Any:
        """The dropout masks of inputs or of h.

        Args:
            value: What is to be dropped from, [B, N].
            training: Whether anything is.
            recurrent: Whether it is h.

        Returns:
            None, one mask for all gates, or a list of one for each.
        """
        rate = self.recurrent_dropout if recurrent else self.dropout
        # At 1 Keras's gated layers drop nothing, and its SimpleRNN everything.
        dropping = 0 < rate < 1 or (rate == 1 and len(self.declaration.gates) == 1)
        if not training or not dropping:
            return None
        return self.get_recurrent_dropout_mask(value) if recurrent else self.get_dropout_mask(value)

    # Keras's layer along time draws it ahead of the first step.
    def get_dropout_mask(self, step_input):
        return None if self.noise_by_step else super().get_dropout_mask(step_input)

    def call(self, inputs, states, training=False):
        states = tuple(states) if isinstance(states, list | tuple) else (states,)
        after, _ = self.stepped(inputs, states, training)
        return after[0], list(after)

    def stepped(
        self, inputs: Any, states: tuple, training: bool, fractions: Sequence[Any] | None = None
    ) -> tuple[tuple, Any]:
        """The states after a step, and what the cell keeps of it.

        Args:
            inputs: As for a call.
            states: Likewise, a tuple.
            training: Whether to drop.
            fractions: How much of each state zoneout keeps, [B, width] each. Default: drawn here.

        Returns:
            Tensors [B, width] each; and the blocks that `declaration.kept` names, side by side.
        """
        cell, weights = self.declaration, self.weights_by_role()
        (kernel,) = weights["input"].values()
        masks = self.masks(inputs, training, recurrent=False)
        x = cell.prepared(product(inputs, kernel, masks), weights["prepare"])
        r, inner = self._recurrent_product(states[0], weights["recurrent"], training)
        after, kept = cell.step(x, r, states, weights["step"], **cell.options, **inner)
        return self.zoned_out(states, after, fractions, training), kept

    def _recurrent_product(self, h, weights, training):
        """r, and the product that the step makes itself, as its argument, if there are any."""
        if not weights:
            return None, {}
        (kernel,) = weights.values()
        masks = self.masks(h, training, recurrent=True)
        within = len(self.declaration.inside)
        if not within:
            return product(h, kernel, masks), {}
        outside = len(self.declaration.gates) - within
        outer, inner = ops.split(ops.convert_to_tensor(kernel), [outside * self.units], axis=1)
        each = isinstance(masks, list)
        r = product(h, outer, masks[:outside] if each else masks)
        return r, {"inner": lambda v: product(v, inner, masks[outside:] if each else masks)}

    def get_initial_state(self, batch_size=None):
        return [
            ops.full((batch_size, width), state.initial, dtype=self.compute_dtype)
            for width, state in zip(self.widths, self.declaration.states, strict=True)
        ]

    def get_config(self):
        arguments = {name: serialized(name, getattr(self, name)) for name in self.argument_names}
        return {**super().get_config(), **arguments}

    @classmethod
    def from_config(cls, config):
        return cls(**upgraded(config, parameters_of(cls))[0])


def cell_layer(layer: type[Any]) -> type[RecurrentCell]:
    """Derives the layer of one step from the layer along time.

    Args:
        layer: The layer along time, with `declared`.

    Returns:
        A registered class, `layer.__name__` and "Cell".

    Raises:
        InputError: Where it is called, as `layer`.
    """
    signature = inspect.signature(layer)
    kept = [p for name, p in signature.parameters.items() if name not in OF_THE_LAYER]
    # Keras's cells have the seed last of what may be given by position.
    kept.sort(key=lambda p: (p.kind, p.name == "seed"))
    name = f"{layer.__name__}Cell"
    doc = f"""One step of `{layer.__name__}`, for `keras.layers.RNN` and `StackedRNNCells`.

    It takes the arguments of `{layer.__name__}` that concern one step, which are documented there;
    weights, states and call are described in `RecurrentCell`.
    """
    made = type(
        name,
        (RecurrentCell,),
        {
            "__doc__": doc,
            "__module__": layer.__module__,
            "__qualname__": name,
            "__signature__": signature.replace(parameters=kept),
            "declared": staticmethod(layer.declared),
            "snake_case_name": _snake_case(name),
        },
    )
    layer.cell_class = made
    return keras.saving.register_keras_serializable(package="nlpkit")(made)


def _snake_case(name):
    """LSTMCell as lstm_cell, as Keras names its cells."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", "_", name).lower()
