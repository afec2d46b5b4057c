"""The layers against those of Keras and torch with the same weights: outputs, states, gradients.

The configurations are those of `nlpkit compare parity`: the first 16 of the LSTM and 5 of each
other layer (2 of each on JAX, which compiles each one anew) unless NLPKIT_PARITY says otherwise:

    NLPKIT_PARITY=300 pytest tests/layers/test_parity.py
"""

import os

import keras
import pytest

from nlpkit.compare.configuration import sample_configurations
from nlpkit.compare.parity import compare, pairs


def _count(cell):
    default = 16 if cell == "lstm" else 5
    return int(os.environ.get("NLPKIT_PARITY", 2 if keras.backend.backend() == "jax" else default))


CONFIGURATIONS = [
    pytest.param(configuration, id=f"{cell}-{library}-{number}")
    for cell, library in pairs()
    for number, configuration in enumerate(
        sample_configurations(_count(cell), cell=cell, library=library)
    )
]


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_same_numbers_and_gradients_as_the_other_library(configuration):
    too_far = [each for each in compare(configuration) if not each.error <= each.allowed]
    assert too_far == []
