"""Two classifiers' logits, mixed."""

import keras

from nlpkit.checks import check_fraction

__all__ = ["Mixture", "mixture"]


@keras.saving.register_keras_serializable(package="nlpkit")
class Mixture(keras.layers.Layer):
    """The weighted mean of two classifiers' logits: (1 − α) · z + α · y.

    Args:
        fraction: α, from 0 to 1.

    Call arguments:
        logits: The pair z, y, each [B, K].

    Raises:
        InputError: If `fraction` is not a number from 0 to 1.

    Reference: Mesnil, Mikolov, Ranzato & Bengio 2015, "Ensemble of Generative and Discriminative
    Techniques for Sentiment Analysis of Movie Reviews".
    """

    def __init__(self, fraction: float, **kwargs) -> None:
        super().__init__(**kwargs)
        check_fraction("fraction", fraction)
        self.fraction = fraction

    def call(self, logits):
        first, second = logits
        return (1 - self.fraction) * first + self.fraction * second

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return {**super().get_config(), "fraction": self.fraction}


def mixture(model: keras.Model, other: keras.Model, fraction: float) -> keras.Model:
    """Mixes the logits of two classifiers; the new model shares their weights.

    Args:
        model: Maps ids to logits [B, K].
        other: Another model of the same input tensor, to logits [B, K]. Layers that the two do not
            share must differ in name.
        fraction: The weight of the other model, from 0 to 1; that of the first is the rest.

    Returns:
        A model from ids to logits.

    Raises:
        InputError: If `fraction` is not a number from 0 to 1.
    """
    logits = Mixture(fraction, name="mixture")([model.output, other.output])
    return keras.Model(model.input, logits, name=model.name)
