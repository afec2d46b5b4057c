"""What a layer along time starts from: its cell's first states, learned ones, or those it kept."""

from typing import Any

import keras
from keras import ops

from nlpkit.checks import check_boolean
from nlpkit.errors import InputError
from nlpkit.layers.level import Level
from nlpkit.layers.states import checked_states

__all__ = ["InitialStates"]


class InitialStates(Level):
    """A level, and those above it, with states before the first step.

    Attributes:
        learned_initial_state: As `Recurrent` has it.
        num_layers: As `Recurrent` has it.
        deeper: The levels above.
        first_states: The learned states by the names of the cell's, each a weight [width].
    """

    learned_initial_state: bool
    num_layers: int
    deeper: list["InitialStates"]
    first_states: dict[str, keras.Variable]

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of the states: h, c; of several layers h_0, c_0, h_1, c_1."""
        names = self.declaration.state_names
        if self.num_layers == 1:
            return names
        return tuple(f"{name}_{level}" for level in range(self.num_layers) for name in names)

    def check_learned_initial_state(self) -> None:
        """Requires that states are either learned or kept.

        Raises:
            InputError: If they are both, or `learned_initial_state` is no Boolean.
        """
        check_boolean("learned_initial_state", self.learned_initial_state)
        if self.learned_initial_state and self.stateful:
            raise InputError(
                "`learned_initial_state` must be False where `stateful` is True, since each batch "
                "then starts from the states in which the one before it ended, got True."
            )

    def build_first_states(self) -> None:
        """Makes the weights that the first states are, if they are learned."""
        self.first_states = {}
        if self.learned_initial_state:
            self.first_states = {
                state.name: self.add_weight(
                    shape=(width,),
                    name=f"initial_{state.name}",
                    initializer=keras.initializers.Constant(state.initial),
                )
                for state, width in zip(self.declaration.states, self.cell.widths, strict=True)
                if not state.tied
            }

    def get_initial_state(self, batch_size):
        if self.learned_initial_state and not self.cell.built:
            raise InputError(
                f"layer {self.name!r} must be built before it gives initial states that it learns: "
                "call it once, or its `build`."
            )
        states = dict(
            zip(self.declaration.state_names, self.cell.get_initial_state(batch_size), strict=True)
        )
        if self.learned_initial_state:
            for name, first in self.first_states.items():
                states[name] = ops.zeros_like(states[name]) + ops.cast(first, self.compute_dtype)
        deeper = (s for level in self.deeper for s in level.get_initial_state(batch_size))
        return [*states.values(), *deeper]

    def states_before(self, sequences: Any, initial_state: Any) -> list[Any]:
        """The states before the first step of a call.

        Args:
            sequences: [B, T, I].
            initial_state: What the call was given, or None.

        Returns:
            Tensors [B, width] each.

        Raises:
            InputError: If what was given is of other shapes.
        """
        rows = ops.shape(sequences)[0]
        if initial_state is not None:
            widths = self.state_size * self.num_layers
            return checked_states(initial_state, self.state_names, widths, rows, self.compute_dtype)
        if self.stateful:
            return [ops.convert_to_tensor(state, self.compute_dtype) for state in self.states]
        return self.get_initial_state(rows)

    def reset_state(self, states=None):
        """Sets the states that a stateful layer keeps.

        Args:
            states: What to set them to, as `initial_state` of a call. Default: those that a first
                batch starts from.

        Raises:
            InputError: If the layer keeps none, or they are of other shapes.
        """
        if self.states is None:
            if states is not None:
                raise InputError("`states` must be None where `stateful` is False, or not built.")
            return
        batch = self.states[0].shape[0]
        if states is None:
            states = self.get_initial_state(batch)
        widths = [state.shape[1] for state in self.states]
        states = checked_states(
            states, self.state_names, widths, batch, self.variable_dtype, argument="states"
        )
        for variable, state in zip(self.states, states, strict=True):
            variable.assign(state)
