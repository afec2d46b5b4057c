"""The layer against keras.layers.LSTM with the same weights: outputs, states and gradients.

Configurations are drawn by hypothesis, the same ones each time: 100 of them (25 on JAX, which
compiles each one anew) unless NLPKIT_PARITY says otherwise:

    NLPKIT_PARITY=500 pytest tests/layers/test_parity.py
"""

import os
from dataclasses import dataclass

import keras
import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nlpkit.layers import LSTM
from tests.autodiff import vjp
from tests.masks import MASKS, draw_mask
from tests.tolerances import GRADIENTS, VALUES, assert_close

EXAMPLES = int(os.environ.get("NLPKIT_PARITY", 25 if keras.backend.backend() == "jax" else 100))

ARGUMENTS = st.fixed_dictionaries(
    {
        "units": st.sampled_from([1, 3, 8]),
        "activation": st.sampled_from(["tanh", "tanh", "tanh", "relu", "softsign", None]),
        "recurrent_activation": st.sampled_from(["sigmoid", "sigmoid", "hard_sigmoid", "tanh"]),
        "use_bias": st.sampled_from([True, True, False]),
        "unit_forget_bias": st.booleans(),
        "dropout": st.sampled_from([0.0, 0.0, 0.4, 1.0]),
        "recurrent_dropout": st.sampled_from([0.0, 0.0, 0.3]),
        "implementation": st.sampled_from([1, 2]),
        "return_sequences": st.booleans(),
        "return_state": st.booleans(),
        "go_backwards": st.booleans(),
        "unroll": st.booleans(),
        "zero_output_for_mask": st.booleans(),
        "dtype": st.sampled_from(["float32", "float32", "float64"]),
    }
)


@dataclass(frozen=True)
class Case:
    """One drawn configuration."""

    arguments: dict
    batch: int
    time: int
    features: int
    mask: str
    initial_state: bool
    merge_mode: str | None  # of Bidirectional; "" is one direction
    training: bool
    seed: int

    def layer(self, make):
        """A layer of ours or of Keras, in Bidirectional where the case says so."""
        # use_cudnn=False is Keras's portable loop, which is the definition. Left at "auto", it
        # cannot run dropout with implementation=1.
        arguments = {**self.arguments, "seed": self.seed, "use_cudnn": False}
        if self.merge_mode == "":
            return make(**arguments)
        arguments["go_backwards"] = False  # Bidirectional sets it for one of its two
        return keras.layers.Bidirectional(
            make(**arguments), merge_mode=self.merge_mode, dtype=self.arguments["dtype"]
        )

    @property
    def directions(self):
        return 1 if self.merge_mode == "" else 2

    def inputs(self, rng):
        """The sequences, then the initial states if there are any."""
        shapes = [(self.batch, self.time, self.features)]
        if self.initial_state:
            shapes += [(self.batch, self.arguments["units"])] * (2 * self.directions)
        return [rng.normal(size=shape).astype(self.arguments["dtype"]) for shape in shapes]


CASES = st.builds(
    Case,
    arguments=ARGUMENTS,
    batch=st.sampled_from([1, 3]),
    time=st.sampled_from([1, 2, 6]),
    features=st.sampled_from([1, 4]),
    mask=st.sampled_from(list(MASKS)),
    initial_state=st.booleans(),
    merge_mode=st.sampled_from(["", "", "", "concat", "sum", "mul", "ave", None]),
    training=st.booleans(),
    seed=st.integers(0, 9),
)


def run(case, layer, inputs):
    """Outputs and states, then gradients by the inputs and by the weights."""
    mask = draw_mask(case.mask, case.batch, case.time, case.seed)

    def call(sequences, *state):
        kwargs = {"initial_state": list(state) if state else None, "training": case.training}
        outputs = layer(sequences, mask=mask, **kwargs)
        return list(outputs) if isinstance(outputs, list | tuple) else [outputs]

    return vjp(call, layer.trainable_variables, inputs, seed=case.seed)


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(case=CASES)
def test_same_numbers_and_gradients_as_keras(case):
    # Keras's own loop on torch cannot unroll under a mask.
    unrolls_under_mask = case.arguments["unroll"] and case.mask != "none"
    assume(keras.backend.backend() != "torch" or not unrolls_under_mask)
    rng = np.random.default_rng(case.seed)
    inputs = case.inputs(rng)
    theirs, ours = case.layer(keras.layers.LSTM), case.layer(LSTM)
    for layer in (theirs, ours):
        layer.build(inputs[0].shape)
    weights = [rng.normal(size=w.shape, scale=0.5) for w in theirs.get_weights()]
    for layer in (theirs, ours):
        layer.set_weights(weights)

    expected, expected_gradients = run(case, theirs, inputs)
    got, gradients = run(case, ours, inputs)

    dtype = case.arguments["dtype"]
    for index, (y, want) in enumerate(zip(got, expected, strict=True)):
        assert y.dtype == want.dtype
        assert_close(y, want, VALUES[dtype], f"output {index}")
    for index, (dy, want) in enumerate(zip(gradients, expected_gradients, strict=True)):
        assert_close(dy, want, GRADIENTS[dtype], f"gradient {index}")
