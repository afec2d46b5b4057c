"""cuDNN itself against autodiff through the cell, where there is a GPU."""

from itertools import product

import pytest
import tensorflow as tf

from nlpkit.layers import FAMILY
from nlpkit.recurrence import recur
from nlpkit.testing import GRADIENTS, MASKS, VALUES, assert_close, vjp
from tests.recurrence import by_autodiff
from tests.recurrence.cases import (
    CELLS,
    OPTIONS,
    UNITS,
    cotangents,
    named,
    numpy,
    operands,
    with_named,
)

pytestmark = pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="no GPU")


# cuDNN's own, and one that a GPU runs by the loop.
ON_CUDNN = ("lstm", "gru", "simple-rnn", "simple-rnn-relu")
CASES = [(cell, option) for cell, option in product((*ON_CUDNN, "toy"), OPTIONS)]
TWINS = [name for name, member in FAMILY.items() if member.keras_layer]


def answers(cell, given, upstream, compiled):
    """Sequences, states and derivatives of the recurrence on the GPU."""
    sources = named(given)

    @tf.function(autograph=False, jit_compile=compiled)
    def run(sources):
        with tf.GradientTape() as tape:
            tape.watch(list(sources.values()))
            shown, state = recur(CELLS[cell], with_named(given, sources))
            results = [*shown, *state]
        return results, tape.gradient(results, sources, [*upstream[0], *upstream[1]])

    with tf.device("GPU:0"):
        return run(sources)


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize(("cell", "option"), CASES)
@pytest.mark.parametrize("compiled", [False, True], ids=["cudnn", "jit_compile"])
def test_a_gpu_gives_the_numbers_of_autodiff(compiled, cell, option, kind):
    case = "several windows", kind, option, 1, cell
    given = operands(*case[:3], CELLS[cell])
    results, gradients = answers(cell, given, cotangents(given), compiled)
    shown, state, want = by_autodiff.answers(*case)
    for got, expected in zip(results, [*shown, *state], strict=True):
        assert_close(got, expected, VALUES["float64"], "results")
    for name in want:
        assert_close(gradients[name], want[name], GRADIENTS["float64"], f"derivative by {name}")


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("name", TWINS)
def test_the_layer_gives_the_numbers_of_keras_without_cudnn(name, kind):
    given, member = operands("several windows", kind), FAMILY[name]
    arguments = {"return_sequences": True, "dtype": "float64"}
    keras_arguments = {**member.arguments, **arguments}
    if name != "simple-rnn":
        keras_arguments["use_cudnn"] = False
    theirs = member.keras_layer(UNITS, **keras_arguments)
    ours = member.make(UNITS, **arguments)
    with tf.device("GPU:0"):
        for layer in (theirs, ours):
            layer.build(given.inputs.shape)
        ours.set_weights(theirs.get_weights())
        values, gradients = zip(
            *[
                vjp(
                    lambda x, layer=layer: [layer(x, mask=given.mask)],
                    layer.trainable_variables,
                    [numpy(given.inputs)],
                )
                for layer in (theirs, ours)
            ],
            strict=True,
        )
    assert_close(values[1][0], values[0][0], VALUES["float64"], "outputs")
    for got, want in zip(gradients[1], gradients[0], strict=True):
        assert_close(got, want, GRADIENTS["float64"], "gradient")
