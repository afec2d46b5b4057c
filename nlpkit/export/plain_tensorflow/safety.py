"""What the graph of a stranger's model may do, told from the graph before TensorFlow loads it.

The ops that read and write weights touch files, and every SavedModel holds them. They may stand
only in functions that the graph's saver alone calls, with the name of the file that the loader
gives it; and what a loader runs, the call that restores, may hold no op that writes.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from tensorflow.core.framework.attr_value_pb2 import AttrValue
from tensorflow.core.framework.function_pb2 import FunctionDef
from tensorflow.core.framework.node_def_pb2 import NodeDef
from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef

from .allowed import SAVER
from .graph import listed, unlisted

__all__ = ["refusal"]

_TRUST = "take the model with `--trust` if you know who made it"
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
"""The ops that hand their inputs to a function as they are: others take one away, or repeat it."""


def refusal(graph: MetaGraphDef) -> str | None:
    """Why a graph must not be loaded, in a sentence; None if it may.

    The functions that a graph names are read whole, also those that no signature calls.
    """
    if ops := unlisted(graph):
        return (
            f"a model may only hold ops that compute, got {listed(ops)}, which may reach files, "
            f"the network or Python; {_TRUST}."
        )
    if not graph.object_graph_def.nodes:
        return f"the graph must be one of TensorFlow 2, got one without objects; {_TRUST}."
    names = [function.signature.name for function in graph.graph_def.library.function]
    if len(set(names) - {""}) < len(names):
        return f"each function of a graph must have a name of its own; {_TRUST}."
    if outside := [asset.filename for asset in graph.asset_file_def if _outside(asset.filename)]:
        return f"the files of a model must lie in it, got {listed(outside)}; {_TRUST}."
    if where := _misplaced(graph):
        return (
            "only the saver of a model may read and write files, got its ops "
            f"({listed(sorted(SAVER))}) in {where:.60}; {_TRUST}."
        )
    return None


def _outside(name: str) -> bool:
    """Whether the name of a file leads out of the folder that it should be in."""
    return not name or PurePosixPath(name).name != name


def _misplaced(graph: MetaGraphDef) -> str | None:
    """Where an op of the saver stands that is not the saver's, or who else calls it."""
    main, library = graph.graph_def.node, graph.graph_def.library
    if any(node.op in SAVER for node in main):
        return "the main graph"
    saver = {f.signature.name: f for f in library.function if any(map(_saves, f.node_def))}
    for function in library.function:
        if any(saver.keys() & set(_functions(node)) for node in function.node_def):
            return function.signature.name
    if named := saver.keys() & set(_callable(graph)):
        return min(named)
    calls = {node.name: node for node in main if saver.keys() & set(_functions(node))}
    if wrong := [name for name, node in calls.items() if not _is_savers(node, graph, saver)]:
        return wrong[0]
    return next((name for name in _run(graph) if name in calls), None)


def _saves(node: NodeDef) -> bool:
    """Whether a node reads or writes weights."""
    return node.op in SAVER


def _functions(node: NodeDef) -> Iterator[str]:
    """The functions that a node names."""
    yield node.op
    yield from _named(node.attr)


def _named(attributes: Mapping[str, AttrValue]) -> Iterator[str]:
    """The functions that attributes name, those in the attributes of functions too."""
    for value in attributes.values():
        for function in (value.func, *value.list.func):
            yield function.name
            yield from _named(function.attr)


def _callable(graph: MetaGraphDef) -> Iterator[str]:
    """The functions that the loader makes callable, or takes as derivatives."""
    objects, library = graph.object_graph_def, graph.graph_def.library
    yield from objects.concrete_functions
    for made in objects.nodes:
        yield from made.function.concrete_functions
        yield made.bare_concrete_function.concrete_function_name
        yield made.captured_tensor.concrete_function
    for derivative in (*library.gradient, *library.registered_gradients):
        yield derivative.gradient_func


def _is_savers(node: NodeDef, graph: MetaGraphDef, saver: Mapping[str, FunctionDef]) -> bool:
    """Whether a call is the saver's: with the file that the loader names, and of the right half."""
    definition, function = graph.saver_def, saver.get(node.attr["f"].func.name)
    if node.op not in _CALLS or function is None or not node.input:
        return False
    if definition.filename_tensor_name != f"{node.input[0]}:0":
        return False
    if node.name == _node(definition.restore_op_name):
        return _only_restores(function)
    return node.name == _node(definition.save_tensor_name)  # which no loader runs


def _only_restores(function: FunctionDef) -> bool:
    """Whether the ops of the saver in a function restore from the file of its first argument."""
    arguments = [argument.name for argument in function.signature.input_arg]
    return all(
        node.op == "RestoreV2" and list(node.input[:1]) == arguments[:1]
        for node in filter(_saves, function.node_def)
    )


def _run(graph: MetaGraphDef) -> Iterator[str]:
    """The nodes of the main graph that others wait for, that signatures give, or that begin it."""
    for node in graph.graph_def.node:
        yield from map(_node, node.input)
    for signature in graph.signature_def.values():
        yield from (_node(tensor.name) for tensor in signature.outputs.values())
    for collection in graph.collection_def.values():
        yield from map(_node, collection.node_list.value)


def _node(name: str) -> str:
    """The node of a tensor or a control input."""
    return name.removeprefix("^").partition(":")[0]
