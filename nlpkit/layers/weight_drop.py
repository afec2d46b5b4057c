"""DropConnect on the recurrent kernel of any recurrent layer."""

from typing import Any

import keras

from nlpkit.checks import check_fraction
from nlpkit.errors import InputError

__all__ = ["WeightDrop"]

_KERNEL = "recurrent_kernel"


@keras.saving.register_keras_serializable(package="nlpkit")
class WeightDrop(keras.layers.Wrapper):
    """A recurrent layer that drops entries of its recurrent kernel while it trains.

        r_t = h_(t-1) · (m * recurrent_kernel) / (1 - rate)      m ~ Bernoulli(1 - rate)

    One mask is drawn for each call and serves all its steps, so it costs nothing per step, unlike
    dropout of the states.

    Args:
        layer: A recurrent layer around one cell with a `recurrent_kernel`: ours or Keras's.
        rate: Fraction of the entries to drop in training, from 0 to 1; 1 drops nothing, as with
            the dropouts of the layers. Default: 0.5.
        seed: Seed of the masks. Default: `None`.
        **kwargs: `name`, `dtype` and `trainable`, as for any Keras layer.

    Call arguments:
        sequences: The inputs, [B, T, I].
        initial_state: As the layer takes it.
        mask: As the layer takes it.
        training: Whether to drop. Default: `False`.

    Returns:
        What the layer returns.

    Masking:
        As the layer has it.

    Raises:
        InputError: If the layer has no cell with a recurrent kernel, or `rate` is not from 0 to 1;
            when it is built, if the cell keeps that kernel elsewhere than in `recurrent_kernel`.

    Example:
        >>> import numpy as np
        >>> layer = WeightDrop(keras.layers.GRU(4, return_sequences=True), rate=0.5)
        >>> tuple(layer(np.zeros((2, 5, 3), "float32"), training=True).shape)
        (2, 5, 4)

    Reference:
        Merity, Keskar & Socher 2018, "Regularizing and Optimizing LSTM Language Models", section 2;
        Wan et al. 2013, "Regularization of Neural Networks using DropConnect".
    """

    def __init__(
        self, layer: keras.layers.RNN, rate: float = 0.5, *, seed: int | None = None, **kwargs: Any
    ) -> None:
        check_fraction("rate", rate)
        cell = getattr(layer, "cell", None)
        if rate and not (hasattr(cell, "recurrent_initializer") or hasattr(cell, _KERNEL)):
            raise InputError(
                "`layer` must be a recurrent layer around one cell with a recurrent kernel, "
                f"got {layer!r}."
            )
        if rate and getattr(layer, "num_layers", 1) > 1:
            raise InputError(
                f"`layer` must have `num_layers` 1, got {layer.num_layers}: wrap each by itself."
            )
        super().__init__(layer, **kwargs)
        self.supports_masking = True
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        if layer.built:
            self._check_kernel()

    def build(self, input_shape=None):
        super().build(input_shape)
        self._check_kernel()

    def _check_kernel(self) -> None:
        """Requires the weight to be where `call` swaps it; a cell has it once it is built."""
        if 0 < self.rate < 1 and _KERNEL not in vars(self.layer.cell):
            raise InputError(
                f"`layer` must have a cell that keeps its recurrent kernel as a weight in its "
                f"attribute `{_KERNEL}`, got {self.layer.cell!r}."
            )

    def call(self, sequences, initial_state=None, mask=None, training=False):
        if not training or not 0 < self.rate < 1:
            return self.layer(sequences, initial_state=initial_state, mask=mask, training=training)
        # Set past Keras's tracking: the cell keeps its weight, a tensor replaces it for this call.
        held = vars(self.layer.cell)
        kernel = held[_KERNEL]
        held[_KERNEL] = keras.random.dropout(
            keras.ops.convert_to_tensor(kernel), self.rate, seed=self.seed_generator
        )
        try:
            return self.layer(sequences, initial_state=initial_state, mask=mask, training=training)
        finally:
            held[_KERNEL] = kernel

    def compute_mask(self, sequences, mask=None):
        return self.layer.compute_mask(sequences, mask)

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        return self.layer.compute_output_shape(sequences_shape, initial_state_shape)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
