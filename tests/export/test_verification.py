"""Whatever makes an artefact unportable is found, and said; a portable one passes.

The checks run here in this process, on artefacts broken one way each. That they run in a process
without nlpkit is shown by the few tests that call `verify`.
"""

import json
import re

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from nlpkit import export
from nlpkit.errors import InputError
from nlpkit.export.plain_tensorflow import behaviour, graph
from tests.artefacts import DeviceBranch, cudnn, portable, tiny_classifier, tiny_model

X = tf.TensorSpec([None, None, 16], name="x")
CPU = "All that may run on a CPU has a CPU kernel."
CHOSEN = (
    "Chosen when the graph runs: on a CPU, TensorFlow ops; on a GPU, TensorFlow ops and cuDNN "
    "(CudnnRNNV3); elsewhere and under XLA, TensorFlow ops."
)
NAMES = ["ops", "devices", "xla", "reload", "answers", "session", "composition", "compilation"]


def written(folder, **functions):
    """Writes functions as signatures of a SavedModel."""
    module = tf.Module()
    module.functions = list(functions.values())
    tf.saved_model.save(module, str(folder), signatures=functions)
    return folder


def graph_of(folder, body):
    """The graph of one function of X."""
    return graph.read(written(folder, f=tf.function(body, input_signature=[X])))


def lowered_branch(x):
    index = tf.raw_ops.DeviceIndex(device_names=["CPU", "GPU"])
    return tf.switch_case(index, [lambda: portable(x), lambda: cudnn(x)])


def gpu_first(x):
    branches = {"GPU": lambda: cudnn(x), "CPU": lambda: portable(x)}
    return tf.__internal__.execute_fn_for_device(branches, lambda: portable(x))


def cudnn_by_default(x):
    return tf.__internal__.execute_fn_for_device({"TPU": lambda: portable(x)}, lambda: cudnn(x))


def cudnn_in_a_condition(x):
    return tf.cond(tf.shape(x)[1] > 10, lambda: cudnn(x), lambda: portable(x))


def pinned(x):
    with tf.device("/GPU:0"):
        return x + 1


def needs_xla(x):
    return tf.function(portable, jit_compile=True)(x)


def calls_python(x):
    return tf.numpy_function(lambda value: value, [x], tf.float32)


@pytest.mark.parametrize(
    ("body", "check", "message"),
    [
        (cudnn, "devices", r"CudnnRNNV3 \(.+\) has no CPU kernel and stands outside a device br"),
        (cudnn_in_a_condition, "devices", r"CudnnRNNV3 \(.+\) has no CPU kernel"),
        (cudnn_by_default, "devices", r"CudnnRNNV3 \(.+\) has no CPU kernel"),
        (lowered_branch, "devices", r"CudnnRNNV3 \(.+\) has no CPU kernel"),
        (pinned, "devices", "is pinned to /device:GPU:0"),
        (needs_xla, "xla", r"portable.* can run with XLA only \(marked _XlaMustCompile\)"),
        (calls_python, "ops", "The ops PyFunc call Python code that is not in the artefact"),
    ],
)
def test_what_runs_on_some_machines_only_is_found_in_the_graph(tmp_path, body, check, message):
    graph_def = graph_of(tmp_path, body)
    results = {name: run(graph_def) for name, run in graph.CHECKS.items()}
    assert [name for name, (passed, _) in results.items() if not passed] == [check]
    assert_message(results[check], False, message)


@pytest.mark.parametrize("body", [DeviceBranch().call, gpu_first], ids=["cpu_first", "gpu_first"])
def test_a_device_branch_may_hold_cudnn(tmp_path, body):
    assert graph.check_devices(graph_of(tmp_path, body)) == (True, f"{CPU} {CHOSEN}")


def cpu_apart(x):
    return tf.__internal__.execute_fn_for_device({"CPU": lambda: portable(x)}, lambda: x[:, 0])


def gpu_in_a_function_on_a_tpu(x):
    on_tpu = tf.function(DeviceBranch().call)
    return tf.__internal__.execute_fn_for_device({"TPU": lambda: on_tpu(x)}, lambda: portable(x))


PLAIN = "TensorFlow ops"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (portable, "The same ops run everywhere."),
        (
            cpu_apart,
            f"Chosen when the graph runs: on a CPU, {PLAIN}; elsewhere and under XLA, {PLAIN}.",
        ),
        (
            gpu_in_a_function_on_a_tpu,
            f"Chosen when the graph runs: on a TPU, {PLAIN}; elsewhere and under XLA, {PLAIN}.",
        ),
    ],
)
def test_what_each_device_runs_is_told(tmp_path, body, words):
    assert graph.check_devices(graph_of(tmp_path, body)) == (True, f"{CPU} {words}")


def test_an_op_of_another_library_is_found(artefact):
    written = graph.read(artefact)
    written.graph_def.library.function[0].node_def.add(name="odd", op="SentencepieceTokenizeOp")
    message = "TensorFlow alone does not know the ops SentencepieceTokenizeOp"
    assert_message(graph.check_ops(written), False, message)


def test_a_damaged_graph_is_no_model(copy):
    (copy / "saved_model.pb").write_bytes(b"not a graph")
    with pytest.raises(ValueError, match="saved_model.pb is damaged"):
        graph.read(copy)


def set_answer(folder, name, value):
    path = folder / "assets.extra" / "answers.json"
    calls = json.loads(path.read_text(encoding="utf-8"))
    calls[0]["outputs"][name][0] = value
    path.write_text(json.dumps(calls), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("score", 0.9, r"serving_default → score differs from the live model's answer by \d.\de-0"),
        ("score", float("nan"), "score differs from the live model's answer by nan"),
        ("label", "other", "label differs from the live model's answer by inf"),
    ],
)
@pytest.mark.parametrize("check", [behaviour.check_answers, behaviour.check_session])
def test_altered_answers_are_found(copy, check, name, value, message):
    set_answer(copy, name, value)
    assert_message(check(behaviour.Model(copy)), False, message)


def test_answers_within_the_tolerance_pass(copy):
    call = json.loads((copy / "assets.extra" / "answers.json").read_text(encoding="utf-8"))[0]
    set_answer(copy, "score", call["outputs"]["score"][0] + 5e-6)
    for check in (behaviour.check_answers, behaviour.check_session):
        assert_message(check(behaviour.Model(copy)), True, "3 stored outputs are reproduced")


def test_a_session_that_cannot_prepare_its_tables_is_found(copy):
    saved = saved_model_pb2.SavedModel.FromString((copy / "saved_model.pb").read_bytes())
    del saved.meta_graphs[0].signature_def["__saved_model_init_op"]
    del saved.meta_graphs[0].collection_def["saved_model_main_op"]
    (copy / "saved_model.pb").write_bytes(saved.SerializeToString())
    model = behaviour.Model(copy)
    assert_message(behaviour.check_answers(model), True, "3 stored outputs are reproduced")
    with pytest.raises(tf.errors.FailedPreconditionError, match="Table not initialized"):
        behaviour.check_session(model)


def other_ids(folder, ids):
    """An artefact whose `ids` is another function than the one that serves."""
    live = tiny_classifier()
    live.other = tf.function(ids, input_signature=live.ids.input_signature)
    signatures = {name: getattr(live, name) for name in live.SIGNATURES} | {"ids": live.other}
    tf.saved_model.save(live, str(folder), signatures=signatures)
    (folder / "assets.extra").mkdir()
    calls = [{"signature": "serving_default", "inputs": {"text": ["a", "나"]}, "outputs": {}}]
    (folder / "assets.extra" / "answers.json").write_text(json.dumps(calls))
    (folder / "assets.extra" / "artefact.json").write_text(live.description.to_json())
    return behaviour.Model(folder)


def test_serving_that_is_not_ids_of_encode_is_found(tmp_path):
    def uniform(ids):
        return {"probabilities": tf.fill([tf.shape(ids)[0], 2], 0.5)}

    result = behaviour.check_composition(other_ids(tmp_path, uniform))
    assert_message(result, False, r"serving_default differs from ids\(encode\(text\)\) by \d.\de-0")


def test_an_ids_signature_that_xla_cannot_compile_is_found(tmp_path):
    def through_strings(ids):
        number = tf.strings.to_number(tf.strings.as_string(ids[:, 0, :]))
        return {"probabilities": number}

    result = behaviour.check_compilation(other_ids(tmp_path, through_strings))
    message = "ids does not compile under jit_compile=True: .*(AsString|string)"
    assert_message(result, False, message)


def test_no_stored_answers_prove_nothing(tmp_path):
    def anything(ids):
        return {"probabilities": tf.fill([tf.shape(ids)[0], 2], 0.5)}

    model = other_ids(tmp_path, anything)
    assert not behaviour.check_answers(model)[0]
    assert not behaviour.check_session(model)[0]


def test_a_portable_artefact_passes_in_a_fresh_process(tmp_path):
    model = tiny_model(recurrence=DeviceBranch())
    export.write(tiny_classifier(model), tmp_path / "model")
    report = export.verify(tmp_path / "model")
    assert [check.name for check in report.checks] == NAMES
    assert report.passed, report
    assert report.checks[1].message == f"{CPU} {CHOSEN}"
    assert "without nlpkit and Keras" in report.checks[3].message


@pytest.mark.slow
def test_an_altered_artefact_does_not_pass(copy):
    set_answer(copy, "score", 0.9)
    export.write_manifest(copy)
    report = export.verify(copy)
    assert not report.passed
    assert [check.name for check in report.checks if not check.passed] == ["answers", "session"]


@pytest.mark.slow
def test_an_artefact_that_does_not_load_is_checked_no_further(copy):
    (copy / "variables" / "variables.index").unlink()
    export.write_manifest(copy)
    report = export.verify(copy)
    assert [check.name for check in report.checks] == NAMES[:4]
    assert not report.passed
    assert "variables" in report.checks[-1].message


@pytest.mark.slow
def test_a_damaged_graph_ends_verification(copy):
    (copy / "saved_model.pb").write_bytes(b"not a graph")
    export.write_manifest(copy)
    with pytest.raises(InputError, match="copy: saved_model.pb is damaged"):
        export.verify(copy)


def test_a_process_that_dies_is_reported(artefact, monkeypatch):
    monkeypatch.setattr(
        "nlpkit.export.verification._START", "import sys; sys.exit('killed by a test')"
    )
    report = export.verify(artefact)
    assert not report.passed
    assert report.checks[0].message.endswith("ended with status 1: killed by a test")


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(InputError, match="this is not a model"):
        export.verify(tmp_path)


def assert_message(result, passed, message):
    """A check's outcome and its words, by a regular expression."""
    assert result[0] is passed, result
    assert re.search(message, result[1]), result


def test_a_report_that_is_required_to_pass_tells_the_first_failure():
    good, bad = (export.Check(name, name == "ops", f"words of {name}.") for name in ("ops", "xla"))
    assert export.Report((good,)).require().summary == "proven portable by 1 checks."
    with pytest.raises(export.NotPortableError, match="not proven portable: xla: words of xla"):
        export.Report((good, bad)).require()
