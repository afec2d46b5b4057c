"""Graphs that were changed by hand to reach outside are not loaded, by no command."""

import pytest
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from nlpkit import export, serve
from nlpkit.errors import InputError
from tests.commands import complains, nlpkit_command

__all__ = ["nlpkit_command"]


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
