"""The last layer of a calibrated classifier: softmax of the logits divided by one number."""

import keras

__all__ = ["TemperatureScaling", "calibrated"]


# `.keras` files hold the registered name, so it stays what it was when the class was `Calibrated`.
@keras.saving.register_keras_serializable(package="nlpkit", name="Calibrated")
class TemperatureScaling(keras.layers.Layer):
    """Logits [B, K] to probabilities: softmax(z / T).

    Args:
        temperature: T, above 0. Default 1.

    Reference: Guo et al. 2017, section 4.2; see `nlpkit.evaluation.calibration`.
    """

    def __init__(self, temperature: float = 1.0, **kwargs) -> None:
        super().__init__(**kwargs)
        self.temperature = temperature

    def call(self, logits):
        return keras.ops.softmax(logits / self.temperature)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "temperature": self.temperature}


def calibrated(
    model: keras.Model, temperature: float, *, name: str = "probabilities"
) -> keras.Model:
    """Ends a classifier in calibrated probabilities; the new model shares its weights.

    Args:
        model: Maps ids to logits.
        temperature: What to divide the logits by.
        name: Name of the last layer. Default "probabilities".

    Returns:
        A model from ids to probabilities.
    """
    scaling = TemperatureScaling(temperature, name=name, dtype="float32")
    return keras.Model(model.input, scaling(model.output), name=model.name)
