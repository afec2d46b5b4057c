"""A text's vector from the vectors of its tokens."""

import keras

__all__ = ["MaxMeanPooling"]


@keras.saving.register_keras_serializable(package="nlpkit")
class MaxMeanPooling(keras.layers.Layer):
    """The maximum and the mean of each feature over time, concatenated.

    Call arguments:
        inputs: Vectors [B, T, D].
        mask: Booleans [B, T], or None.

    Returns:
        Vectors [B, 2·D].

    Masking: masked steps are ignored; a row in which all steps are masked gives zeros. The output
    has no mask.

    Example:
        >>> import numpy as np
        >>> steps = np.array([[[1.0, 5.0], [3.0, 1.0], [9.0, 9.0]]])
        >>> MaxMeanPooling()(steps, mask=np.array([[True, True, False]])).numpy().round(3)
        array([[3., 5., 2., 3.]], dtype=float32)

    Reference: Howard & Ruder 2018, "Universal Language Model Fine-tuning", concat pooling without
    the last state.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        if mask is None:
            return keras.ops.concatenate(
                [keras.ops.max(inputs, axis=1), keras.ops.mean(inputs, axis=1)], axis=-1
            )
        live = keras.ops.cast(mask, inputs.dtype)[..., None]  # [B, T, 1]
        count = keras.ops.sum(live, axis=1)
        lowest = keras.ops.min(inputs, axis=1, keepdims=True)
        largest = keras.ops.max(keras.ops.where(mask[..., None], inputs, lowest), axis=1)
        mean = keras.ops.sum(inputs * live, axis=1) / keras.ops.maximum(count, 1.0)
        return keras.ops.concatenate([largest * keras.ops.minimum(count, 1.0), mean], axis=-1)

    def compute_mask(self, inputs, mask=None):
        return None

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 2 * input_shape[2])
