"""Derivatives of derivatives are those of Keras, however they are asked for.

Two tapes around a traced function are not among the ways: TensorFlow 2.21 fails to nest any two
custom gradients there, be it those of x².
"""

from itertools import product

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.layers import FAMILY
from nlpkit.recurrence import autodiff
from nlpkit.testing import GRADIENTS, VALUES, assert_close, draw_mask
from tests.recurrence import by_autodiff
from tests.recurrence.cases import (
    CELLS,
    OPTIONS,
    cotangents,
    has,
    named,
    operands,
    with_named,
)

BATCH, TIME, FEATURES, UNITS = 2, 4, 2, 3
CASES = [pair for pair in product(CELLS, OPTIONS) if has(pair[0], "loop", pair[1])]


def loss_of(outputs):
    """A number of which no derivative is constant."""
    return tf.reduce_sum(tf.sin(outputs) ** 2)


def norm_of(gradients):
    return tf.add_n([tf.reduce_sum(gradient**2) for gradient in gradients])


def two_tapes(call, inputs, weights):
    """Derivatives of the norm of a gradient by inputs and weights."""
    sources = [inputs, *weights]
    with tf.GradientTape() as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            loss = loss_of(call(inputs))
        norm = norm_of(inner.gradient(loss, sources))
    return outer.gradient(norm, sources)


def one_persistent_tape(call, inputs, weights):
    sources = [inputs, *weights]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(inputs)
        norm = norm_of(tape.gradient(loss_of(call(inputs)), sources))
    return tape.gradient(norm, sources)


def in_a_graph(call, inputs, weights):
    return tf.function(lambda inputs: two_tapes(call, inputs, weights))(inputs)


def in_a_jitted_graph(call, inputs, weights):
    return tf.function(lambda inputs: two_tapes(call, inputs, weights), jit_compile=True)(inputs)


def by_graph_gradients(call, inputs, weights):
    def run(inputs):
        sources = [inputs, *weights]
        return tf.gradients(norm_of(tf.gradients(loss_of(call(inputs)), sources)), sources)

    return tf.function(run)(inputs)


WAYS = {
    way.__name__: way
    for way in (
        two_tapes,
        one_persistent_tape,
        in_a_graph,
        in_a_jitted_graph,
        by_graph_gradients,
    )
}


def hessian(call, inputs):
    """All second derivatives by the inputs, several at a time."""
    with tf.GradientTape() as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            loss = loss_of(call(inputs))
        gradient = inner.gradient(loss, inputs)
    return outer.jacobian(gradient, inputs)


def sequences():
    return tf.constant(np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES)))


def twins(name="lstm", **arguments):
    """Keras's layer and ours in float64, with the same weights."""
    member = FAMILY[name]
    theirs = member.keras_layer(UNITS, dtype="float64", **member.arguments, **arguments)
    ours = member.make(UNITS, dtype="float64", **arguments)
    for layer in (theirs, ours):
        layer.build((BATCH, TIME, FEATURES))
    rng = np.random.default_rng(1)
    theirs.set_weights([rng.normal(size=weight.shape) for weight in theirs.get_weights()])
    ours.set_weights(theirs.get_weights())
    return theirs, ours


def second_derivatives(way, layer, mask):
    weights = [weight.value for weight in layer.trainable_variables]
    return WAYS[way](lambda inputs: layer(inputs, mask=mask), sequences(), weights)


@pytest.mark.parametrize(
    ("way", "kind", "return_sequences"),
    [*product(WAYS, ["holes"], [True]), ("two_tapes", "none", False)],
)
def test_every_way_to_ask_gives_the_second_derivatives_of_keras(way, kind, return_sequences):
    theirs, ours = twins(return_sequences=return_sequences)
    mask = draw_mask(kind, BATCH, TIME)
    expected = second_derivatives("two_tapes", theirs, mask)
    for got, want in zip(second_derivatives(way, ours, mask), expected, strict=True):
        assert np.abs(want).max() > 1e-2
        assert_close(got, want, GRADIENTS["float64"])


@pytest.mark.parametrize(
    "name", [name for name, member in FAMILY.items() if member.keras_layer and name != "lstm"]
)
def test_every_member_has_the_second_derivatives_of_keras(name):
    theirs, ours = twins(name, return_sequences=True)
    mask = draw_mask("holes", BATCH, TIME)
    pairs = zip(*(second_derivatives("two_tapes", x, mask) for x in (ours, theirs)), strict=True)
    for got, want in pairs:
        assert_close(got, want, GRADIENTS["float64"])


def test_a_hessian_is_that_of_keras():
    theirs, ours = twins()
    assert_close(hessian(ours, sequences()), hessian(theirs, sequences()), GRADIENTS["float64"])


@pytest.mark.parametrize("kind", ["none", "holes", "first row empty"])
@pytest.mark.parametrize(("cell", "option"), CASES)
def test_the_path_that_can_be_differentiated_twice_gives_the_same_numbers(cell, option, kind):
    count = len(CELLS[cell].states)
    case = "one row", kind, option, count, cell
    given = operands(*case[:3], CELLS[cell])
    dsequences, dstate = cotangents(given, count)
    sources = named(given)
    with tf.GradientTape() as tape:
        tape.watch(list(sources.values()))
        shown, state = autodiff.recur(CELLS[cell], with_named(given, sources), sequences=count)
    results = [*shown, *state]
    gradients = tape.gradient(
        results, sources, [*dsequences, *dstate], unconnected_gradients="zero"
    )
    want_shown, want_state, want = by_autodiff.answers(*case)
    names = [*CELLS[cell].state_names] * 2
    for name, got, expected in zip(names, results, [*want_shown, *want_state], strict=True):
        assert_close(got, expected, VALUES["float64"], name)
    for name in want:
        assert_close(gradients[name], want[name], GRADIENTS["float64"], f"derivative by {name}")
