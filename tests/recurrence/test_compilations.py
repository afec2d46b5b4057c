"""XLA compiles windows, of which there are few, however many lengths there are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from nlpkit.cells import LSTM
from nlpkit.recurrence import Operands, compiled, recur

pytestmark = pytest.mark.usefixtures("without_native")

LENGTHS = range(1, 61)
REPOSITORY = Path(__file__).parents[2]

COUNTING = """
import sys
from pathlib import Path
import keras, tensorflow as tf
from nlpkit.layers import LSTM

def compiled():
    return len([*Path(sys.argv[1]).glob("*before_optimizations.txt")])

layer, counts = LSTM(3), []
layer.build((8, None, 2))
graph = tf.function(layer, input_signature=[tf.TensorSpec([None, None, 2])])
for time in range(1, 61):
    inputs = tf.ones([8, time, 2])
    for call in (layer, graph):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(call(inputs))
        tape.gradient(loss, layer.trainable_variables)
    graph(inputs)
    counts.append(compiled())
print(counts[0], counts[-1])
"""


def traced():
    """How many functions were traced for XLA so far."""
    halves = compiled._ENGINE.forward, compiled._ENGINE.backward
    return sum(half.experimental_get_tracing_count() for half in halves)


def differentiate(given):
    with tf.GradientTape() as tape:
        tape.watch(given.inputs)
        (outputs,), _ = recur(LSTM, given)
    return tape.gradient(outputs, given.inputs)


def operands(time):
    weights = {
        "kernel": tf.ones([2, 12]),
        "recurrent_kernel": tf.ones([3, 12]),
        "bias": tf.ones([12]),
    }
    return Operands(tf.ones([5, time, 2]), weights, state=(tf.zeros([5, 3]),) * 2)


def traced_for(call, lengths):
    """How many more were traced for the first length, and for all others together."""
    counts = [traced()]
    for time in lengths:
        call(operands(time))
        counts.append(traced())
    return counts[1] - counts[0], counts[-1] - counts[1]


def test_eager_calls_of_any_length_share_what_was_compiled_for_the_first():
    first, others = traced_for(differentiate, LENGTHS)
    assert first <= 2 and others == 0


def test_one_graph_for_all_lengths_shares_what_was_compiled_for_the_first():
    @tf.function(input_signature=[tf.TensorSpec([5, None, 2])])
    def graph(inputs):
        return differentiate(operands(1)._replace(inputs=inputs))

    first, others = traced_for(lambda given: graph(given.inputs), LENGTHS)
    assert first <= 2 and others == 0


def test_graphs_of_one_length_each_share_what_was_compiled_for_the_first():
    lengths = [time for time in range(5, 16) if compiled._steps(time, 5) == compiled._steps(5, 5)]
    assert len(lengths) > 2
    graph = tf.function(differentiate, autograph=False)
    first, others = traced_for(graph, lengths)
    assert first <= 2 and others == 0


@pytest.mark.parametrize("rows", [None, 1, 32, 10_000])
def test_windows_come_in_few_lengths(rows):
    lengths = [None, *range(1, 1000)]
    assert len({compiled._steps(time, rows) for time in lengths}) <= 33


@pytest.mark.slow
def test_xla_says_itself_how_often_it_compiled(tmp_path):
    """It writes out every module it compiles, if it is told to when the process starts."""
    environment = os.environ | {
        "XLA_FLAGS": f"--xla_dump_to={tmp_path}",
        "PYTHONPATH": str(REPOSITORY),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, "-c", COUNTING, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, last = map(int, done.stdout.split())
    assert 0 < first == last
