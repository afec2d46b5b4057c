"""A compiled model's copy is compiled with the same loss, whatever Keras can serialise of it."""

import keras
import numpy as np
import pytest
from keras.layers import LSTM, Dense

from nlpkit.errors import InputError
from nlpkit.layers import from_keras, to_keras

STEPS = 5


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that halves at each step; registered nowhere, as the next ones."""

    def __init__(self, first):
        self.first = first

    def __call__(self, step):
        return self.first * 0.5 ** keras.ops.cast(step, "float32")

    def get_config(self):
        return {"first": self.first}


class Worst(keras.metrics.Metric):
    """The largest error."""

    def __init__(self, scale, name="worst", **kwargs):
        super().__init__(name=name, **kwargs)
        self.scale = scale
        self.worst = self.add_variable((), "zeros", name="worst")

    def update_state(self, expected, got, sample_weight=None):
        error = self.scale * keras.ops.max(keras.ops.abs(expected - got))
        self.worst.assign(keras.ops.maximum(self.worst, error))

    def result(self):
        return self.worst + 0.0

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


class Plain(keras.optimizers.SGD):
    """An optimizer of the user's own."""


def model():
    stack = [keras.Input((STEPS, 3)), LSTM(2), Dense(1)]
    return keras.Sequential(stack, name="mine")


def fitted(model):
    """The losses and metrics of two epochs."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, STEPS, 3)), rng.normal(size=(4, 1))
    history = model.fit(x, y, epochs=2, shuffle=False, verbose=0, batch_size=2).history
    return np.array([history[name] for name in sorted(history)])


def squares(expected, got):
    return keras.ops.mean((expected - got) ** 2)


COMPILATIONS = {
    "lambda": {"loss": lambda expected, got: keras.ops.mean(keras.ops.abs(expected - got))},
    "closure": {
        "loss": (lambda power: lambda y, p: keras.ops.mean(keras.ops.abs(y - p) ** power))(3)
    },
    "metric": {"loss": "mse", "metrics": [Worst(2.0), "mae", squares]},
    "metrics by lambda": {"loss": ["mse"], "metrics": [[lambda y, p: y - p, Worst(3.0)]]},
    "schedule": {"loss": squares, "optimizer": Halving(0.1)},
    "loss object": {"loss": keras.losses.Huber(0.2), "weighted_metrics": ["mse"]},
}


@pytest.mark.parametrize("name", COMPILATIONS)
def test_a_copy_trains_as_the_model_does(name):
    given, first = COMPILATIONS[name], model()
    first.compile(**given | {"optimizer": Plain(given.get("optimizer", 0.1))})
    ours = from_keras(first)
    assert ours.loss == first.loss == to_keras(ours).loss
    assert (type(ours.optimizer), first.compiled) == (Plain, True)
    assert ours.optimizer is not first.optimizer
    expected = fitted(first)
    np.testing.assert_allclose(fitted(ours), expected, atol=1e-5)


def test_options_of_the_compilation_are_kept():
    first = model()
    options = {"loss_weights": [2.0], "run_eagerly": True, "steps_per_execution": 1}
    first.compile("adam", ["mse"], **options)
    first.optimizer.learning_rate = 0.25
    ours = from_keras(first)
    assert ours.run_eagerly
    assert float(ours.optimizer.learning_rate) == 0.25
    np.testing.assert_allclose(fitted(ours), fitted(first), atol=1e-5)


def test_a_model_within_a_model_stays_compiled():
    inner, a = model(), keras.Input((STEPS, 3))
    inner.compile("sgd", squares)
    ours = from_keras(keras.Model(a, inner(a)))
    assert (ours.compiled, ours.get_layer("mine").loss) == (False, squares)


@pytest.mark.parametrize("scaled", [True, False])
def test_the_scale_of_the_loss_is_kept(scaled):
    first = model()
    policy = keras.DTypePolicy("mixed_float16")
    first = keras.Sequential([keras.Input((STEPS, 3)), LSTM(2, dtype=policy)], name="mine")
    first.dtype_policy = policy
    first.compile("sgd", "mse", auto_scale_loss=scaled)
    kinds = [type(each.optimizer).__name__ for each in (first, from_keras(first))]
    assert kinds == ["LossScaleOptimizer" if scaled else "SGD"] * 2


class Penalised(keras.losses.Loss):
    """A loss with a model in it."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def call(self, expected, got):
        return squares(expected, got) + keras.ops.sum(self.model.weights[0] ** 2)


@pytest.mark.parametrize(
    "loss",
    [Penalised, lambda model: lambda y, p: squares(y, p) + model.layers[0](p)],
    ids=["object", "closure"],
)
def test_a_loss_that_holds_the_model_is_named(loss):
    first = model()
    first.compile("sgd", loss(first))
    with pytest.raises(InputError) as caught:
        from_keras(first)
    assert str(caught.value) == (
        "`model` must be compiled with a `loss` that holds none of its layers, since those are not "
        "the copy's, got 'mine': call `model.compile()` first, and compile the copy anew."
    )
    first.compile()
    assert from_keras(first).compiled


class Secret(Worst):
    """A metric without the configuration that its constructor needs."""

    def get_config(self):
        return {"name": self.name}


def test_a_metric_that_cannot_be_made_again_is_named():
    first = model()
    first.compile("sgd", "mse", metrics=[Secret(2.0)])
    sentence = (
        "^`model` must be compiled with a `metrics` that Keras can make again from its "
        "configuration, got 'mine', of which Keras says: .*scale.*call `model.compile..` first"
    )
    with pytest.raises(InputError, match=sentence):
        from_keras(first)
    assert first.compiled


@keras.saving.register_keras_serializable(package="test_compilation")
class Own(keras.Model):
    """A model with a way of its own to be compiled."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = LSTM(2)

    def call(self, inputs):
        return self.inner(inputs)

    def compile(self, strength=1.0):
        super().compile("sgd", "mse")
        self.strength = strength

    def get_compile_config(self):
        return {"strength": self.strength}

    def compile_from_config(self, config):
        self.compile(**config)


def test_a_model_that_compiles_in_its_own_way_does():
    first = Own()
    first(np.zeros((1, STEPS, 3), "float32"))
    first.compile(strength=3.0)
    assert from_keras(first).strength == 3.0
