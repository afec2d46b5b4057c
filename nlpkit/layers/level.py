"""One cell along time: by our kernels on TensorFlow, else by Keras's loop over the cell's layer."""

from typing import Any

import keras
from keras import ops

from nlpkit.cells import Cell
from nlpkit.errors import InputError
from nlpkit.layers.cell_layer import RecurrentCell
from nlpkit.layers.columns import product, split
from nlpkit.layers.tracing import Trace, observe, observed, trace_of_layer

__all__ = ["Level"]


class Level(keras.layers.RNN):
    """Runs a single cell; `nlpkit.layers.Recurrent` stacks levels and follows Keras's conventions.

    Attributes:
        cell: The layer of one step.
        use_cudnn, native: As `Recurrent` has them.
    """

    cell: RecurrentCell
    use_cudnn: str | bool = "auto"
    native = True
    shown_states = 1
    """How many states a call may return for every step."""

    @property
    def declaration(self) -> Cell:
        """The cell, with the layer's options."""
        return self.cell.declaration

    @property
    def _off(self):
        """The arguments that turn kernels off."""
        return tuple(name for name in ("use_cudnn", "native") if getattr(self, name) is False)

    @property
    def runs_on(self) -> str:
        """What will run where, and why, in a sentence for each device."""
        if reason := self.left_to_keras():
            return f"Everywhere: Keras's loop over the cell, because {reason}."
        from nlpkit.recurrence import messages

        cell = self.cell
        mask_of_each_gate = hasattr(cell, "dropout_mask_count") and not cell.noise_by_step
        return messages.of_layer(
            cell.declaration,
            off=self._off,
            dtype=self.compute_dtype,
            sequences=self.shown_states,
            kernel=not (cell.dropout and mask_of_each_gate),
            state_dropout=bool(cell.recurrent_dropout or any(cell.zoneout_rates())),
            zoneout=any(cell.zoneout_rates()),
        )

    def trace(self, inputs: Any, mask: Any = None, initial_state: Any = None) -> Trace:
        """Every gate, candidate and state at every step, by the equations that a call runs.

        It is a call in inference: nothing is dropped, zoneout keeps its fraction, and a stateful
        layer starts from the states that it keeps, and keeps them.

        Args:
            inputs: [B, T, I], with values.
            mask: As for a call.
            initial_state: As for a call.

        Returns:
            NumPy arrays [B, T, width] by name: what the cell declares as `kept`, which are its
            gates and candidates before zoneout (for the LSTM i, f, g, o; for the GRU z, r, g and
            p, what r multiplies; for the vanilla RNN g), and then the states after each step.
            With `num_layers` above 1 all of it for each level, i_0 to c_0, i_1 and so on. Step t
            belongs to `inputs[:, t]`, with `go_backwards` too, where the last is computed first.
            At a masked step the states are those before it, and the rest is NaN, since its
            gates have no effect. Half precision comes as float32.

        Raises:
            InputError: If `inputs` has no values, or as a call.

        Example:
            >>> import numpy as np
            >>> from nlpkit.layers import LSTM
            >>> trace = LSTM(4).trace(np.zeros((2, 5, 3)))
            >>> list(trace), trace["f"].shape
            (['i', 'f', 'g', 'o', 'h', 'c'], (2, 5, 4))
        """
        return trace_of_layer(self, inputs, mask=mask, initial_state=initial_state)

    def run(self, sequences, states, mask, training, count):
        """Runs the cell.

        Args:
            sequences: [B, T, I].
            states: Before the first step, [B, width] each.
            mask: Booleans [B, T], or None.
            training: Whether to drop.
            count: Of how many states every step is wanted.

        Returns:
            The last output [B, width], the first `count` states of all steps [B, T, width], and
            the last states.

        Raises:
            InputError: If there is no step.
        """
        if sequences.shape[1] == 0:
            raise InputError(
                f"`sequences` must have at least one step, got {[*sequences.shape]}; pad them."
            )
        cell = self.cell
        if training and cell.noise_by_step and cell.dropout:
            sequences = keras.random.dropout(sequences, cell.dropout, seed=cell.seed_generator)
        self._maybe_config_dropout_masks(cell, sequences[:, 0], states)
        run = self._by_keras if self.left_to_keras() else self._by_kernels
        traced = observed(sequences)
        last, shown, after = run(
            sequences, states, mask, training, len(states) if traced else count
        )
        if traced:
            observe(self, sequences, states, shown, mask, training)
            shown = shown[:count]
        self._maybe_reset_dropout_masks(cell)
        dtype = self.compute_dtype
        return (
            ops.cast(last, dtype),
            [ops.cast(s, dtype) for s in shown],
            [ops.cast(s, dtype) for s in after],
        )

    def _by_kernels(self, sequences, states, mask, training, count):
        """The level by `nlpkit.recurrence`."""
        from nlpkit.recurrence import Operands, recur

        cell, dtype = self.cell, self.compute_dtype
        if self.go_backwards:
            sequences = ops.flip(sequences, axis=1)
            mask = None if mask is None else ops.flip(mask, axis=1)
        dropout = None
        if cell.declaration.recurrent:
            dropout = cell.masks(states[0], training, recurrent=True)
            dropout = dropout if isinstance(dropout, list | None) else [dropout]
        shape = (ops.shape(sequences)[0], ops.shape(sequences)[1])
        inputs, weights = self._multiplied(sequences, cell.weights_by_name(dtype), training)
        operands = Operands(
            inputs,
            weights,
            state=tuple(states),
            mask=mask,
            dropout=None if dropout is None else ops.stack(dropout),
            zoneout=self._zoneout(shape, training) or None,
        )
        steps, after = recur(cell.declaration, operands, sequences=count, off=self._off)
        last, shown = after[0], list(steps)
        if mask is not None:
            # The output before is repeated there; ahead of the first valid step it is zero.
            live = mask if self.zero_output_for_mask else _started(mask)
            last, shown = _zero_output(live, last, shown)
        return last, shown, list(after)

    def _zoneout(self, shape, training):
        """What zoneout keeps of each state, for all rows and steps."""
        fractions = self.cell.zoneout_fractions(shape, training)
        if training:
            return fractions
        return tuple(ops.broadcast_to(fraction, (*shape, 1)) for fraction in fractions)

    def _multiplied(self, sequences, weights, training):
        """The inputs and the weights; the inputs multiplied, where each gate has a dropout mask."""
        masks = self.cell.masks(sequences[:, 0], training, recurrent=False)
        if masks is None:
            return sequences, weights
        if not isinstance(masks, list):
            return sequences * masks[:, None], weights
        masks = [mask[:, None] for mask in masks]
        return product(sequences, weights["kernel"], masks), {**weights, "kernel": None}

    def _by_keras(self, sequences, states, mask, training, count):
        """The level by Keras's loop over the cell's layer."""
        fractions = self._zoneout(ops.shape(sequences)[:2], training) if training else ()
        if self.go_backwards:  # Keras reverses everything that comes with the inputs.
            fractions = tuple(ops.flip(fraction, axis=1) for fraction in fractions)
        loop = keras.layers.RNN(
            _ShowsStates(self.cell, count, training, bool(fractions)),
            return_sequences=bool(count),
            go_backwards=self.go_backwards,
            unroll=self.unroll,
            zero_output_for_mask=self.zero_output_for_mask and count < 2,
        )
        widths = self.state_size[: max(count, 1)]
        before = [_side_by_side(states[: len(widths)]), *states[len(widths) :]]
        sequences = ops.concatenate([sequences, *fractions], axis=-1) if fractions else sequences
        last, outputs, (first, *after) = loop.inner_loop(sequences, before, mask, training)
        shown = split(outputs, widths) if count else []
        if count > 1 and mask is not None:
            # Keras does with all states as with h; other states stay where h is set to zero.
            mask = ops.flip(mask, axis=1) if self.go_backwards else mask
            live = _started(mask)[:, :, None]
            rest = zip(shown[1:], states[1:count], strict=True)
            shown[1:] = [ops.where(live, state, begin[:, None]) for state, begin in rest]
            if self.zero_output_for_mask:
                last, shown = _zero_output(mask, last, shown)
        return last[:, : widths[0]], shown, [*split(first, widths), *after]

    def left_to_keras(self):
        """Why Keras runs the loop; empty if it does not."""
        if keras.backend.backend() != "tensorflow":
            return f"the backend is {keras.backend.backend()}"
        if self.unroll:
            return "`unroll` is set"
        for name, value in self.declaration.options.items():
            if isinstance(value, keras.layers.Layer):
                return f"`{name}` is a layer, which may have weights"
        return ""


class _ShowsStates:
    """A cell whose output, and only first state, are its first states side by side.

    Keras's loops repeat the output before at masked steps, for which JAX's takes the first state.

    Args:
        cell: The cell's layer.
        count: How many states; 0 is the output alone.
        training: Whether to drop.
        zoned_out: Whether the inputs have how much of each state zoneout keeps behind them.
    """

    def __init__(self, cell, count, training, zoned_out):
        self._cell, self._training, self._zoned_out = cell, training, zoned_out
        self._widths = cell.widths[: max(count, 1)]
        self.state_size = [sum(self._widths), *cell.widths[len(self._widths) :]]
        self.compute_dtype = cell.compute_dtype

    def call(self, inputs, states):
        first, *rest = states
        states = (*split(first, self._widths), *rest)
        fractions = None
        if self._zoned_out:
            widths = self._cell.widths
            inputs, *fractions = split(inputs, [inputs.shape[-1] - sum(widths), *widths])
        states, _ = self._cell.stepped(inputs, states, self._training, fractions)
        output = _side_by_side(states[: len(self._widths)])
        return output, [output, *states[len(self._widths) :]]

    __call__ = call


def _started(mask):
    """From which step on one has counted, [B, T]."""
    return ops.cumsum(mask, axis=1) > 0


def _zero_output(live, last, shown):
    """The last output, and h of every step, zero at steps that are not live, [B, T]."""
    return ops.where(live[:, -1:], last, 0), [
        ops.where(live[:, :, None], state, 0) if not k else state for k, state in enumerate(shown)
    ]


def _side_by_side(states):
    """States as blocks of columns."""
    return states[0] if len(states) == 1 else ops.concatenate(states, axis=-1)
