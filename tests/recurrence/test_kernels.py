"""The tables of kernels: what is chosen for whom, and the reasons that are given."""

import pytest
import tensorflow as tf

from nlpkit.cells import LSTM
from nlpkit.recurrence import kernels, messages, never_compiled
from nlpkit.recurrence.case import Case
from nlpkit.recurrence.kernels import (
    BLOCK_LSTM,
    COMPILED,
    CUDNN,
    LOOP,
    NATIVE,
    OTHER,
    PACKED,
    SCAN,
)
from tests.recurrence.cases import CELLS
from tests.toys import TOY, TOY_LINEAR

LONG = 100
OFF = ("use_cudnn", "native")
KEYS = tuple(kernels.KERNELS)
# CPU, CPU in a SavedModel, GPU, any other device.
CHOSEN = {
    "lstm": (NATIVE, BLOCK_LSTM, CUDNN, LOOP),
    "gru": (NATIVE, PACKED, CUDNN, LOOP),
    "gru-reset-before": (COMPILED, PACKED, LOOP, LOOP),
    "simple-rnn": (NATIVE, PACKED, CUDNN, LOOP),
    "toy": (COMPILED, PACKED, LOOP, LOOP),
    "toy-linear": (SCAN, SCAN, SCAN, SCAN),
}


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("name", CHOSEN)
def test_each_device_has_the_first_kernel_that_serves_the_cell(name):
    case = Case(CELLS[name], time=LONG)
    here, saved = (kernels.by_device(case._replace(saved=saved)) for saved in (False, True))
    assert (here["CPU"], saved["CPU"], here["GPU"], here[OTHER]) == CHOSEN[name]
    assert (saved["GPU"], saved[OTHER]) == CHOSEN[name][2:]


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_has_a_kernel_on_every_device_whatever_the_case(name):
    for saved in (False, True):
        for time in (None, 1, LONG):
            case = Case(CELLS[name], "float64", 2, False, True, True, time, saved, True, OFF)
            assert set(kernels.by_device(case)) == {*kernels.KERNELS}


@pytest.mark.parametrize(
    ("there", "uncompiled", "graph"),
    [
        (["CPU"], ("CPU",), ("CPU", OTHER)),
        (["CPU", "GPU"], KEYS, KEYS),
        (["CPU", "TPU"], ("CPU", OTHER), ("CPU", OTHER)),
    ],
)
def test_a_process_traces_branches_of_its_own_devices(there, uncompiled, graph, monkeypatch):
    listed = [tf.config.LogicalDevice(f"/device:{kind}:0", kind) for kind in there]
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda: listed)

    def traced():
        devices = []
        tf.function(lambda: devices.extend(kernels.devices_of_a_call()))()
        return tuple(devices)

    assert kernels.devices_of_a_call() == uncompiled
    assert traced() == graph
    with never_compiled():
        assert traced() == uncompiled
        assert kernels.devices_of_a_call(saved=True) == KEYS
    assert traced() == graph
    assert set(kernels.by_device(Case(LSTM), devices=uncompiled)) == {*uncompiled}


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize(("option", "kernel"), [("use_cudnn", CUDNN), ("native", NATIVE)])
def test_what_is_turned_off_runs_on_no_device(option, kernel):
    assert kernel in kernels.by_device(Case(LSTM)).values()
    assert kernel not in kernels.by_device(Case(LSTM, off=(option,))).values()


@pytest.mark.parametrize(("time", "masked", "kernel"), [(2, False, PACKED), (2, True, COMPILED)])
def test_a_few_steps_are_not_worth_what_xla_compiled(time, masked, kernel):
    case = Case(TOY, time=time, masked=masked)
    assert kernels.by_device(case)["CPU"] is kernel


@pytest.mark.parametrize(("time", "kernel"), [(None, SCAN), (15, COMPILED), (16, SCAN)])
def test_a_scan_is_for_many_steps(time, kernel):
    assert kernels.by_device(Case(TOY_LINEAR, time=time))["CPU"] is kernel


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"saved": True}, "an exported model holds TensorFlow's ops alone"),
        ({"cell": LSTM.with_options(cell_clip=1.0)}, "it knows sigmoid and tanh alone, and no"),
        ({"cell": CELLS["gru-reset-before"]}, "it has no gru-reset-before"),
        ({"cell": CELLS["simple-rnn-relu"]}, "it knows sigmoid and tanh alone"),
        ({"dtype": "float64"}, "it does not compute in float64"),
        ({"dtype": "float16"}, "it does not compute in float16"),
        ({"kernel": False}, "the inputs are multiplied already"),
        ({"zoneout": True}, "the state has zoneout"),
        ({"sequences": 2}, "every step of the cell state is wanted"),
        ({"time": 1}, "laying out the weights would cost more than running one step"),
    ],
)
def test_the_kernel_in_c_leaves_to_others_what_it_does_not_know(changes, reason):
    assert NATIVE.why_not(Case(LSTM, state_dropout=True, masked=False)) is None
    assert NATIVE.why_not(Case(LSTM)._replace(**changes)).startswith(reason)


@pytest.mark.usefixtures("without_native")
def test_without_the_kernel_in_c_xla_runs_the_lstm():
    assert kernels.by_device(Case(LSTM))["CPU"] is COMPILED
    assert "since the environment variable NLPKIT_NATIVE is 0" in messages.of_layer(LSTM)


@pytest.mark.parametrize(
    ("cell", "arguments", "sentence"),
    [
        ("toy", {}, "On a CPU: a loop compiled by XLA, with rows for each core (not a parallel"),
        ("toy", {}, "from an exported model: a loop of TensorFlow ops over the rows"),
        ("toy", {}, "since it has no toy"),
        ("lstm", {"off": ("use_cudnn",)}, "not cuDNN, since `use_cudnn` is False"),
        ("lstm", {"off": ("native",)}, "since `native` is False). On a CPU from an exported"),
        ("lstm", {"state_dropout": True}, "not cuDNN, since the state has dropout or zoneout"),
        ("toy-linear", {}, "On a GPU: a parallel scan over time."),
    ],
)
def test_a_message_names_the_kernel_and_why_those_before_it_do_not_run(cell, arguments, sentence):
    assert sentence in messages.of_layer(CELLS[cell], **arguments)
