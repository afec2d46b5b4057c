"""The base of all recurrent layers: Keras's RNN, with its loop replaced where ours can run."""

from operator import attrgetter
from typing import Any

import keras
from keras import ops

from nlpkit.cells import Cell
from nlpkit.checks import check_boolean, check_choice, check_fraction, check_positive_integer
from nlpkit.errors import InputError
from nlpkit.layers.arguments import OF_THE_LAYER, of_level, serialized
from nlpkit.layers.cell_layer import RecurrentCell
from nlpkit.layers.docstrings import complete_docstring
from nlpkit.layers.initial_states import InitialStates
from nlpkit.layers.masks import checked_mask
from nlpkit.layers.migration.keras_2_config import upgraded
from nlpkit.layers.signature import check_known, give_signature, parameters_of
from nlpkit.layers.states import checked_rows

__all__ = ["Recurrent"]


class Recurrent(InitialStates):
    """A cell along time: `keras.layers.RNN` run by `nlpkit.recurrence` on TensorFlow.

    A subclass has `declared`, from arguments to the cell's declaration, and declares by `argument`
    the arguments that are its own; the rest of its signature and docstring follow from the cell and
    from here. On another backend than TensorFlow, and with `unroll`, Keras runs the loop over the
    cell's layer, with the same numbers.

    Args:
        units: Width U of the output and of each state; a positive integer.
        activation: The function of that name in the equations; a name of Keras's, a function, or
            `None` for the identity. Default: `"tanh"`.
        recurrent_activation: Likewise, the function of the gates. Default: `"sigmoid"`.
        use_bias: Whether there is a bias. Default: `True`.
        kernel_initializer: First values of `kernel`. Default: `"glorot_uniform"`.
        recurrent_initializer: First values of `recurrent_kernel`. Default: `"orthogonal"`.
        bias_initializer: First values of `bias`. Default: `"zeros"`.
        unit_forget_bias: Whether the forget gate's bias starts at 1 whatever `bias_initializer`
            says, so that memory is kept at first. Default: `True`.
        kernel_regularizer: Penalty on `kernel`. Default: `None`.
        recurrent_regularizer: Penalty on `recurrent_kernel`. Default: `None`.
        bias_regularizer: Penalty on `bias`. Default: `None`.
        activity_regularizer: Penalty on the output. Default: `None`.
        kernel_constraint: Projection of `kernel` after each update. Default: `None`.
        recurrent_constraint: Projection of `recurrent_kernel`. Default: `None`.
        bias_constraint: Projection of `bias`. Default: `None`.
        dropout: Fraction of the input features to drop in training, from 0 to 1. As in Keras, 1
            drops nothing where the cell has several gates. Default: 0.
        recurrent_dropout: Fraction of h to drop in training, from 0 to 1; one mask for each gate
            serves all steps (Gal & Ghahramani 2016). It sets `implementation` to 1. Default: 0.
        norm_gamma_initializer: First values of the gains of layer normalisation. Default: `"ones"`.
        norm_beta_initializer: First values of its shifts. Default: `"zeros"`.
        norm_epsilon: What it adds to the variance, inside of the root; a positive number. Default:
            1e-3.
        seed: Seed of everything that a call draws; with the same seed Keras's layer draws the same
            dropout masks. Default: `None`.
        return_sequences: Whether to return h of every step, not of the last one. Default: `False`.
        return_state: Whether to return the last states as well. Default: `False`.
        go_backwards: Whether to run from the last step to the first. Outputs of all steps come in
            the order in which they are computed, last step first. Default: `False`.
        stateful: Whether a batch starts from the last states of the batch before it; the batch size
            is then fixed. Default: `False`.
        unroll: Whether to unroll the loop in the graph, for a small and fixed number of steps.
            Default: `False`.
        use_cudnn: Whether cuDNN may run the layer on a GPU: `"auto"` and `True` use it where it
            can run, and are no error elsewhere; `False` never uses it. Default: `"auto"`.
        implementation: 2 drops the same input features for all gates, 1 draws a mask for each
            gate. It changes nothing else. Default: 2.
        zero_output_for_mask: Whether the outputs of masked steps are zero when `return_sequences`
            is set, instead of repeating the output before. Default: `False`.
        cell_clip: Bound of the absolute value of c. Default: `None`, unbounded.
        zoneout: Probability that a unit of a state keeps its value over a step, one for all states
            or one for each; in inference the fraction of the value that is kept (Krueger et al.
            2017). Default: 0.
        dropout_noise: What `dropout` draws: `"sequence"`, one mask for all steps, as Keras 3;
            `"step"`, one for each step, as Keras 2. Default: `"sequence"`.
        learned_initial_state: Whether the initial states are weights, one vector for all rows,
            unless a call is given some; not with `stateful`. Default: `False`.
        return_cell_sequences: Whether to return the cell state of every step too, [B, T, width],
            after the outputs; of the last layer. Default: `False`.
        num_layers: How many layers are stacked. Each but the first reads the outputs of the one
            below; states come layer after layer. Default: 1.
        layer_dropout: Fraction of the outputs to drop between layers in training, from 0 to 1.
            Default: 0.
        native: Whether the kernel in C may run the layer on a CPU. Default: `True`.
        **kwargs: `name`, `dtype` and `trainable`, as for any Keras layer.

    Call arguments:
        sequences: The inputs, [B, T, I].
        initial_state: The states before the first step, a list of [B, width] each, or [1, width]
            for all rows alike. Default: the cell's first states, mostly zeros; or those kept by a
            stateful layer.
        mask: Boolean [B, T], false at steps to skip. Default: the mask attached to `sequences`.
        training: Whether to drop. Default: `False`.

    Returns:
        The last output [B, width], or all of them [B, T, width] with `return_sequences`; with
        `return_cell_sequences` a tuple of that and the cell states; with `return_state` a tuple
        of that and of the states, [B, width] each.

    Masking:
        Any mask is legal: padding on either side, holes, rows without a step. At a masked step
        the states stay and the output before is repeated; ahead of the first valid step
        this is zero, whatever the initial state (on JAX it is the initial h: each backend does as
        Keras does there). Masked inputs, NaN included, affect neither outputs nor
        gradients. With `return_sequences` the mask is passed on.

    Raises:
        InputError: If an argument is out of its range, or one that the cell cannot have.

    Reference:
        D. Krueger et al.: Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations.
        ICLR 2017.
    """

    cell_class: type[RecurrentCell]
    """The layer of one step; set by `nlpkit.layers.cell_layer.cell_layer`."""

    @staticmethod
    def declared(**arguments: Any) -> Cell:
        """The cell of a layer.

        Args:
            **arguments: The layer's arguments, by name.

        Returns:
            The cell's declaration, with its own options.
        """
        raise NotImplementedError

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        derived = give_signature(cls, Recurrent)
        if derived:
            complete_docstring(cls, Recurrent)
        elif hasattr(cls, "cell_class"):
            return  # a subclass of a layer: its own arguments are its own business
        # `layer.units` and the like read the cell's, as they do in Keras's layers.
        for name in parameters_of(cls).keys() - {*OF_THE_LAYER}:
            setattr(cls, name, property(attrgetter(f"cell.{name}")))

    # Editors read this where a layer's constructor is derived; its own arguments come by name.
    def __init__(
        self,
        units: int,
        *args: Any,
        num_layers: int = 1,
        layer_dropout: float = 0.0,
        dropout_noise: str = "sequence",
        learned_initial_state: bool = False,
        return_cell_sequences: bool = False,
        use_cudnn: str | bool = "auto",
        native: bool = True,
        **given: Any,
    ) -> None:
        if args:
            raise TypeError(f"Recurrent takes its arguments by name, got {args!r} by position.")
        given["units"] = units
        check_choice("use_cudnn", use_cudnn, ("auto", True, False))
        check_boolean("native", native)
        check_boolean("return_cell_sequences", return_cell_sequences)
        check_choice("dropout_noise", dropout_noise, ("sequence", "step"))
        check_positive_integer("num_layers", num_layers)
        check_fraction("layer_dropout", layer_dropout)
        check_known(type(self), Recurrent.__subclasses__(), given)
        names = parameters_of(self.cell_class)
        of_the_cell = {name: given.pop(name) for name in names if name in given}
        cell = self.cell_class(
            **of_the_cell,
            dtype=given.get("dtype"),
            trainable=given.get("trainable", True),
            name=self.cell_class.snake_case_name,
        )
        cell.noise_by_step = dropout_noise == "step"
        super().__init__(cell, **given)
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self.use_cudnn, self.native = use_cudnn, native
        self.dropout_noise = dropout_noise
        self.learned_initial_state = learned_initial_state
        self.return_cell_sequences = return_cell_sequences
        self.num_layers = num_layers
        self.layer_dropout = layer_dropout
        self.check_learned_initial_state()
        if return_cell_sequences:
            self._check_cell_sequences()
            self.shown_states = self.declaration.state_names.index("c") + 1
        below: Any = {"learned_initial_state": learned_initial_state, "dtype": given.get("dtype")}
        self.deeper = [
            type(self)(**of_level(of_the_cell, level), **below, name=f"layer_{level}")
            for level in range(1, num_layers)
        ]

    def _check_cell_sequences(self):
        """Requires a cell state, and a way for Keras to tell it from the last states."""
        if "c" not in self.declaration.state_names:
            raise InputError(
                f"`return_cell_sequences` must be False where there is no cell state, "
                f"as in {type(self).__name__}."
            )
        # Nothing but the name tells a layer that Keras's Bidirectional is around it.
        if not self.return_state and self.name.startswith("forward_"):
            raise InputError(
                "`return_state` must be True where `return_cell_sequences` is and Bidirectional is "
                "around, which takes all that follows the outputs for states, got False."
            )

    @property  # Keras sets the policy of the layer alone
    def dtype_policy(self):
        return keras.layers.RNN.dtype_policy.fget(self)

    @dtype_policy.setter
    def dtype_policy(self, policy):
        keras.layers.RNN.dtype_policy.fset(self, policy)
        self.cell.dtype_policy = policy
        for inner in self.deeper:
            inner.dtype_policy = policy

    def build(self, sequences_shape, initial_state_shape=None):
        if not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: sequences_shape[-1]})
        self.build_first_states()
        for level in self.deeper:
            level.build((*sequences_shape[:2], self.cell.output_size))
        super().build(sequences_shape, initial_state_shape)

    def call(self, sequences, initial_state=None, mask=None, training=False):
        sequences = ops.cast(sequences, self.compute_dtype)  # Keras casts no integers
        if self.stateful:
            sequences = checked_rows(sequences, self.states[0].shape[0])
        states = self.states_before(sequences, initial_state)
        mask = checked_mask(mask, sequences)
        if mask is not None:
            # NaN in padding would poison every gradient: 0 * NaN is NaN.
            sequences = ops.where(mask[..., None], sequences, ops.zeros_like(sequences))
        every_step = self.return_sequences or self.return_cell_sequences
        wanted = self.shown_states if every_step else 0
        per_level = len(states) // self.num_layers
        levels = [self, *self.deeper]
        counts = [1] * len(self.deeper) + [wanted]
        before = [states[k : k + per_level] for k in range(0, len(states), per_level)]
        last, shown, after = self.run(sequences, before[0], mask, training, counts[0])
        if self.go_backwards and mask is not None:
            mask = ops.flip(mask, axis=1)
        for layer, state, count in zip(levels[1:], before[1:], counts[1:], strict=True):
            # Read here, since Bidirectional sets them after construction.
            for name in ("use_cudnn", "native", "unroll", "zero_output_for_mask"):
                setattr(layer, name, getattr(self, name))
            sequences = self._dropped(shown[0], training)
            last, shown, new = layer.run(sequences, state, mask, training, count)
            after += new
        if self.stateful:
            for variable, state in zip(self.states, after, strict=True):
                variable.assign(state)
        output = shown[0] if self.return_sequences else last
        extra = [shown[-1]] if self.return_cell_sequences else []
        extra += after if self.return_state else []
        return (output, *extra) if extra else output

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        batch, time, *_ = sequences_shape
        sizes = self.state_size
        output = (batch, time, sizes[0]) if self.return_sequences else (batch, sizes[0])
        extra: list[tuple] = []
        if self.return_cell_sequences:
            extra += [(batch, time, sizes[self.declaration.state_names.index("c")])]
        if self.return_state:
            extra += [(batch, size) for size in sizes] * self.num_layers
        return (output, *extra) if extra else output

    # Keras's recurrent layers drop the mask from 3.16 on, so it is passed on here.
    def compute_mask(self, inputs, previous_mask):
        mask = previous_mask if self.return_sequences else None
        extra = [previous_mask] * self.return_cell_sequences
        extra += [None] * (len(self.state_names) * self.return_state)
        return [mask, *extra] if extra else mask

    def get_config(self):
        # A signature may leave what every layer takes to **kwargs.
        names = {**parameters_of(self.cell_class), **dict.fromkeys(OF_THE_LAYER)}
        values = {name: serialized(name, getattr(self, name)) for name in names}
        return {**keras.layers.Layer.get_config(self), **values}

    @classmethod
    def from_config(cls, config):
        config, inputs_shape = upgraded(config, {*parameters_of(cls.cell_class), *OF_THE_LAYER})
        layer = cls(**config)
        if inputs_shape is not None:
            # Where a Sequential of Keras 2 begins with the layer, Keras's reads this.
            layer._input_shape_arg = inputs_shape[1:]
        return layer

    def _dropped(self, sequences, training):
        """What goes from one level to the next."""
        if not training or not self.layer_dropout:
            return sequences
        return keras.random.dropout(sequences, self.layer_dropout, seed=self.cell.seed_generator)
