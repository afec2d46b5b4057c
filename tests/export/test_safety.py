"""A model from a stranger may compute, and touch nothing else."""

import shutil

import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
from tensorflow.python.saved_model import save_context

from nlpkit import export, models, serve
from nlpkit.errors import InputError
from nlpkit.export.plain_tensorflow import graph, safety
from nlpkit.models.recurrent import RECURRENT
from tests.artefacts import CLASSES, SUBWORDS, WORDS, tiny_language_model, tiny_next_word
from tests.commands import complains, nlpkit_command
from tests.explain.cases import small_classifier

__all__ = ["nlpkit_command"]

TEXT = tf.TensorSpec([None], tf.string, name="text")


def traced(*functions):
    """The graph that functions would be saved as, as far as ops go."""
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    made = graph.MetaGraphDef()
    made.object_graph_def.nodes.add()
    library = {}
    for function in functions:
        with save_context.save_context(options):
            definition = function.get_concrete_function().graph.as_graph_def()
        made.graph_def.node.extend(definition.node)
        library |= {each.signature.name: each for each in definition.library.function}
    made.graph_def.library.function.extend(library.values())
    return made


def signatures(module):
    """What a module serves."""
    return [getattr(module, name) for name in module.SIGNATURES]


@pytest.mark.parametrize("folder", ["artefact", "language_artefact"])
def test_what_is_exported_is_safe(request, folder):
    written = graph.read(request.getfixturevalue(folder))
    assert safety.refusal(written) is None
    assert "--trust" not in graph.check_ops(written)[1]


@pytest.mark.parametrize("cell", RECURRENT)
def test_every_cell_is_safe_in_both_recipes(cell):
    model = models.classifier(
        vocabulary=9, classes=2, pieces=2, cell=cell, units=6, layers=2, embedding=5
    )
    classify = tf.function(model, input_signature=[tf.TensorSpec([None, None, 2], tf.int32)])
    _, language = tiny_language_model(cell=cell)
    read = tf.function(
        lambda ids: language.read(ids, language.zero_states(tf.shape(ids)[0]), mask=ids > 0),
        input_signature=[tf.TensorSpec([None, None], tf.int32)],
    )
    assert safety.refusal(traced(classify, read)) is None


@pytest.mark.slow
def test_the_classifier_of_the_recipe_is_safe():
    assert (
        safety.refusal(traced(*signatures(export.classifier(*small_classifier(), CLASSES)))) is None
    )


@pytest.mark.slow
@pytest.mark.parametrize(("words", "tokenization"), [(WORDS, "spaces"), (SUBWORDS, "subwords")])
def test_language_models_that_split_texts_otherwise_are_safe(words, tokenization):
    module = tiny_next_word(words, tokenization=tokenization)
    assert safety.refusal(traced(*signatures(module))) is None


def reads(text):
    return {"a": tf.io.read_file(text[0])}


def writes(text):
    with tf.control_dependencies([tf.io.write_file("/tmp/x", text[0])]):
        return {"a": tf.identity(text)}


def lists(text):
    return {"a": tf.io.matching_files(text)}


def prints_to_a_file(text):
    with tf.control_dependencies([tf.print(text, output_stream="file:///tmp/x")]):
        return {"a": tf.identity(text)}


def calls_python(text):
    return {"a": tf.numpy_function(lambda value: value, [text], tf.string)}


def shows_memory(text):
    return {"a": tf.raw_ops.Empty(shape=[9], dtype=tf.float32)}


def reads_in_a_branch(text):
    return {"a": tf.cond(tf.size(text) > 9, lambda: tf.io.read_file(text[0]), lambda: text[0])}


def reads_in_a_loop(text):
    return {"a": tf.map_fn(tf.io.read_file, text)}


def reads_a_checkpoint(text):
    names = {"tensor_names": text, "shape_and_slices": [""], "dtypes": [tf.string]}
    return {"a": tf.raw_ops.RestoreV2(prefix="/etc/x", **names)[0]}


def writes_a_checkpoint(text):
    save = tf.raw_ops.SaveV2(prefix=text[0], tensor_names=["a"], shape_and_slices=[""], tensors=[1])
    with tf.control_dependencies([save]):
        return {"a": tf.identity(text)}


def reads_a_data_set(text):
    return {"a": tf.data.TextLineDataset(text).reduce("", lambda a, b: b)}


HOSTILE = {
    reads: "ReadFile",
    writes: "WriteFile",
    lists: "MatchingFiles",
    prints_to_a_file: "PrintV2",
    calls_python: "PyFunc",
    shows_memory: "Empty",
    reads_in_a_branch: "ReadFile",
    reads_in_a_loop: "ReadFile",
    reads_a_data_set: "FlatMapDataset, ReduceDataset, TensorSliceDataset, TextLineDataset",
}
SAVES = [reads_a_checkpoint, writes_a_checkpoint]


def written(folder, body):
    """A SavedModel with one signature."""
    module = tf.Module()
    module.f = tf.function(body, input_signature=[TEXT], autograph=False)
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.f})
    return folder


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body.__name__)
def test_ops_that_reach_outside_are_named_with_the_cure(tmp_path, body):
    refused = safety.refusal(graph.read(written(tmp_path, body)))
    assert refused == (
        f"a model may only hold ops that compute, got {HOSTILE[body]}, which may reach files, the "
        "network or Python; take the model with `--trust` if you know who made it."
    )


@pytest.mark.parametrize("body", SAVES, ids=lambda body: body.__name__)
def test_the_ops_of_the_saver_are_the_savers(tmp_path, body):
    refused = safety.refusal(graph.read(written(tmp_path, body)))
    assert "only the saver of a model may read and write files" in refused


def test_a_vocabulary_file_is_not_read(tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("a\n")
    read = tf.lookup.TextFileInitializer(
        str(words), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
        tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER)  # fmt: skip
    module = tf.Module()
    module.table = tf.lookup.StaticHashTable(read, -1)
    module.f = tf.function(
        lambda text: {"a": module.table.lookup(text)}, input_signature=[TEXT], autograph=False
    )
    tf.saved_model.save(module, str(tmp_path / "m"), signatures={"serving_default": module.f})
    assert "InitializeTableFromTextFileV2" in safety.refusal(graph.read(tmp_path / "m"))


def odd_library(made):
    """An op of nobody, in a function that nothing calls."""
    made.graph_def.library.function[0].node_def.add(name="x", op="OpOfMine")


def hidden_by_a_function(made):
    """A function with the name of an op, which may not hide the op."""
    made.graph_def.library.function.add().signature.name = "ReadFile"
    made.graph_def.library.function[0].node_def.add(name="x", op="ReadFile")


def in_the_main_graph(made):
    made.graph_def.node.add(name="x", op="RestoreV2")


def call_of_the_saver(made, name):
    """Lets something else call what restores."""
    (saver,) = [node for node in made.graph_def.node if node.name == made.saver_def.restore_op_name]
    return saver.attr["f"].func.name if name else saver


def node_of_a_function(made, op):
    """A node in a function that nothing calls."""
    function = made.graph_def.library.function.add()
    function.signature.name = "uncalled"
    return function.node_def.add(name="x", op=op)


def called_by_a_function(made):
    node_of_a_function(made, call_of_the_saver(made, True))


def called_by_an_attribute_of_an_attribute(made):
    node = node_of_a_function(made, "PartitionedCall")
    node.attr["f"].func.name = "g"
    node.attr["f"].func.attr["h"].func.name = call_of_the_saver(made, True)


def called_by_another_node(made):
    made.graph_def.node.add().CopyFrom(call_of_the_saver(made, False))
    made.graph_def.node[-1].name = "other"


def given_another_name(made):
    call_of_the_saver(made, False).input[0] = "Const"


def given_another_output(made):
    """The loader would name the file by an output that the saver does not read."""
    made.saver_def.filename_tensor_name = made.saver_def.filename_tensor_name.replace(":0", ":1")


def called_in_a_loop(made):
    """From the second time on, the first argument is what the function gave."""
    call_of_the_saver(made, False).op = "While"


def restored_as_an_object(made):
    made.object_graph_def.concrete_functions[call_of_the_saver(made, True)].SetInParent()


def revived_as_an_object(made):
    """The loader finds a function by this name alone."""
    bare = next(n for n in made.object_graph_def.nodes if n.HasField("bare_concrete_function"))
    bare.bare_concrete_function.concrete_function_name = call_of_the_saver(made, True)


def revived_as_a_derivative(made):
    derivative = made.graph_def.library.registered_gradients.add(registered_op_type="x")
    derivative.gradient_func = call_of_the_saver(made, True)


def function_that_restores(made):
    """The function of the call that the loader runs."""
    name = call_of_the_saver(made, True)
    return next(f for f in made.graph_def.library.function if f.signature.name == name)


def naming_its_file(made):
    function = function_that_restores(made)
    next(node for node in function.node_def if node.op == "RestoreV2").input[0] = "Const:output:0"


def writing_as_it_restores(made):
    function_that_restores(made).node_def.add(name="x", op="SaveV2", input=["file_prefix"])


def saving_instead(made):
    made.saver_def.restore_op_name = made.saver_def.save_tensor_name


def waited_for(made):
    """The op that begins a session would save, to a file of an asset's name."""
    node = made.graph_def.node.add(name="begin", op="NoOp")
    node.input.append("^" + made.saver_def.save_tensor_name.partition(":")[0])


def begun_with(made):
    begun = made.collection_def["saved_model_main_op"].node_list
    begun.value[0] = made.saver_def.save_tensor_name.partition(":")[0]


def without_a_name(made):
    """A function whose name is that of no function may not hide the main graph."""
    made.graph_def.library.function.add().signature.SetInParent()
    made.graph_def.node.add(name="x", op="ReadFile")


def hidden_by_another(made):
    """The first of two functions with one name."""
    node_of_a_function(made, "ReadFile")
    node_of_a_function(made, "NoOp")


def two_of_one_name(made):
    node_of_a_function(made, "NoOp")
    node_of_a_function(made, "NoOp")


def served(made):
    output = made.signature_def["serving_default"].outputs["more"]
    output.name = f"{made.saver_def.restore_op_name}:0"


def of_tensorflow_1(made):
    made.ClearField("object_graph_def")


def asset_outside(made):
    made.asset_file_def.add(filename="../../../etc/passwd")


SAVERS_CALL = r"ShardedFilename\) in StatefulPartitionedCall_\d"
FORGED = {
    odd_library: "got OpOfMine, which",
    hidden_by_a_function: "got ReadFile, which",
    in_the_main_graph: r"ShardedFilename\) in the main graph",
    called_by_a_function: r"ShardedFilename\) in uncalled",
    called_by_an_attribute_of_an_attribute: r"ShardedFilename\) in uncalled",
    called_by_another_node: r"ShardedFilename\) in other",
    given_another_name: SAVERS_CALL,
    restored_as_an_object: r"ShardedFilename\) in __inference__traced_restore",
    revived_as_an_object: r"ShardedFilename\) in __inference__traced_restore",
    revived_as_a_derivative: r"ShardedFilename\) in __inference__traced_restore",
    given_another_output: SAVERS_CALL,
    called_in_a_loop: SAVERS_CALL,
    naming_its_file: SAVERS_CALL,
    writing_as_it_restores: SAVERS_CALL,
    saving_instead: SAVERS_CALL,
    waited_for: SAVERS_CALL,
    begun_with: SAVERS_CALL,
    served: SAVERS_CALL,
    without_a_name: "got ReadFile, which",
    hidden_by_another: "got ReadFile, which",
    two_of_one_name: "each function of a graph must have a name of its own",
    of_tensorflow_1: "the graph must be one of TensorFlow 2",
    asset_outside: r"the files of a model must lie in it, got \.\./\.\./\.\./etc/passwd",
}


def forge(folder, change):
    """Changes the graph of an artefact, and writes the manifest anew."""
    path = folder / "saved_model.pb"
    saved = SavedModel.FromString(path.read_bytes())
    change(saved.meta_graphs[0])
    path.write_bytes(saved.SerializeToString())
    export.write_manifest(folder)


@pytest.mark.parametrize("change", FORGED, ids=lambda change: change.__name__)
def test_a_forged_graph_is_not_loaded(copy, change):
    forge(copy, change)
    with pytest.raises(InputError, match=FORGED[change]):
        serve.load(copy)


@pytest.mark.parametrize("name", ["predict", "evaluate", "verify"])
def test_every_command_refuses_such_ops_and_takes_them_with_trust(nlpkit_command, copy, name):
    forge(copy, lambda made: made.graph_def.node.add(name="odd", op="ReadFile"))
    data = copy.parent / "x.csv"
    data.write_text("text,label\na,0\nb,1\n")
    more = {"predict": ["a"], "evaluate": ["--data", data], "verify": []}[name]
    answer = nlpkit_command(name, copy, *more)
    complains(answer, 2, "a model may only hold ops that compute, got ReadFile, which")
    assert f"{copy}: " in answer.err and "take the model with `--trust`" in answer.err
    if name != "verify":  # whose other checks take long
        assert nlpkit_command(name, copy, *more, "--trust").status == 0


def test_a_graph_that_is_too_large_is_not_parsed(copy, monkeypatch):
    monkeypatch.setattr(graph, "LARGEST", 1000)
    with pytest.raises(InputError, match=r"damaged \(saved_model.pb must have at most 0 MiB\)"):
        serve.load(copy)


def test_ones_own_export_may_hold_other_ops_and_is_told_so(tmp_path):
    passed, message = graph.check_ops(graph.read(written(tmp_path, lists)))
    assert passed and message.endswith(
        "For MatchingFiles, nlpkit takes the model with `--trust` only."
    )


def test_a_model_in_the_place_of_another_is_refused(artefact, tmp_path):
    shutil.copytree(artefact, tmp_path / "m")
    (tmp_path / "m" / "saved_model.cpb").write_bytes((artefact / "saved_model.pb").read_bytes())
    with pytest.raises(InputError, match=r"saved_model.cpb is nothing that a model of nlpkit"):
        serve.load(tmp_path / "m")
