"""What is relied upon of TensorFlow beyond its public interface: a test for each private name."""

import functools

import pytest
import tensorflow as tf
from tensorflow.python.eager import record
from tensorflow.python.saved_model import save_context


def branched(**branches):
    """A function of constants by device, with -1 for all other devices."""
    functions = {d: functools.partial(tf.constant, value) for d, value in branches.items()}
    return lambda: tf.__internal__.execute_fn_for_device(functions, lambda: tf.constant(-1))


def test_execute_fn_for_device_runs_the_branch_of_the_device():
    with tf.device("CPU:0"):
        assert int(tf.function(branched(CPU=1, GPU=2))()) == 1
        assert int(tf.function(branched(GPU=2))()) == -1


def test_execute_fn_for_device_lays_out_no_branch_but_the_default_for_xla():
    jitted = tf.function(branched(CPU=1, GPU=2), jit_compile=True)
    assert int(jitted()) == -1
    ops = {op.type for op in jitted.get_concrete_function().graph.get_operations()}
    assert "DeviceIndex" not in ops


def test_execute_fn_for_device_makes_a_case_that_is_not_lowered():
    graph = tf.function(branched(CPU=1, GPU=2)).get_concrete_function().graph.as_graph_def()
    (index,) = [node for node in graph.node if node.op == "DeviceIndex"]
    (case,) = [node for node in graph.node if node.op in ("Case", "StatelessCase")]
    assert index.attr["device_names"].list.s == [b"CPU", b"GPU"]
    assert list(case.input)[0].partition(":")[0] == index.name
    assert not case.attr["_lower_using_switch_merge"].b
    assert len(case.attr["branches"].list.func) == 3


@pytest.mark.parametrize("graph", [False, True])
def test_should_record_backprop_tells_whether_a_tape_watches(graph):
    def asked():
        seen, other = tf.ones([]), tf.ones([])
        before = record.should_record_backprop([seen, other])
        with tf.GradientTape() as tape:
            tape.watch(seen)
            asked_for = ([seen], [other], [seen, other], [])
            return before, *map(record.should_record_backprop, asked_for)

    actual = []

    def run():
        actual.append(asked())

    (tf.function(run, autograph=False) if graph else run)()
    assert actual == [(False, True, False, True, False)]


def test_should_record_backprop_knows_what_was_computed_from_a_variable():
    variable = tf.Variable(1.0)
    with tf.GradientTape():
        assert record.should_record_backprop([variable * 2])


@pytest.mark.parametrize("graph", [False, True])
def test_stop_recording_hides_from_every_tape_and_lets_them_look_again(graph):
    def gradient():
        x = tf.constant(3.0)
        with tf.GradientTape() as outer, tf.GradientTape() as inner:
            outer.watch(x)
            inner.watch(x)
            with record.stop_recording():
                hidden = x * x
                assert not record.should_record_backprop([x])
            seen = x * hidden
        return inner.gradient(seen, x), outer.gradient(seen, x)

    run = tf.function(gradient, autograph=False) if graph else gradient
    assert [float(g) for g in run()] == [9.0, 9.0]


def test_in_save_context_is_true_in_what_is_traced_for_a_save_and_nowhere_else(tmp_path):
    seen = []

    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([])])
        def __call__(self, x):
            seen.append(save_context.in_save_context())
            return x * (2.0 if save_context.in_save_context() else 1.0)

    module = Module()
    assert float(module(tf.ones([]))) == 1.0
    assert seen == [False]
    assert not save_context.in_save_context()
    tf.saved_model.save(module, str(tmp_path))
    assert set(seen[1:]) == {True}  # traced before, and traced again
    assert not save_context.in_save_context()
    assert float(tf.saved_model.load(str(tmp_path))(tf.ones([]))) == 2.0
    assert float(module(tf.ones([]))) == 1.0
