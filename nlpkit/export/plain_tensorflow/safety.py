"""What the graph of a stranger's model may do, told from the graph before TensorFlow loads it.

The ops that read and write weights touch files, and every SavedModel holds them. They may stand
only in functions that the graph's saver calls, with the name of the file that the loader gives it.
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
    if outside := [asset.filename for asset in graph.asset_file_def if _outside(asset.filename)]:
        return f"the files of a model must lie in it, got {listed(outside)}; {_TRUST}."
    if where := _misplaced(graph):
        return (
            "only the saver of a model may read and write files, got its ops "
            f"({listed(sorted(SAVER))}) in {where}; {_TRUST}."
        )
    return None


def _outside(name: str) -> bool:
    """Whether the name of a file leads out of the folder that it should be in."""
    return not name or PurePosixPath(name).name != name


def _misplaced(graph: MetaGraphDef) -> str | None:
    """Where an op of the saver stands that is not the saver's, or who else calls it."""
    main, library = graph.graph_def.node, graph.graph_def.library.function
    saver = {f.signature.name: f for f in library if any(n.op in SAVER for n in f.node_def)}
    if any(node.op in SAVER for node in main):
        return "the main graph"
    callers = [(f.signature.name, node) for f in library for node in f.node_def]
    for name, node in callers:
        if saver.keys() & set(_functions(node)):
            return name
    if restored := saver.keys() & set(graph.object_graph_def.concrete_functions):
        return min(restored)
    definition = graph.saver_def
    known = {definition.restore_op_name, definition.save_tensor_name.partition(":")[0]}
    calls = [node for node in main if saver.keys() & set(_functions(node))]
    for node in calls:
        given = definition.filename_tensor_name.partition(":")[0]
        if node.name not in known or not node.input or node.input[0] != given:
            return node.name
    if any(not _reads_what_it_is_given(function) for function in saver.values()):
        return "a function that names a file itself"
    served = _ancestors(graph)
    return next((node.name for node in calls if node.name in served), None)


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


def _reads_what_it_is_given(function: FunctionDef) -> bool:
    """Whether a function restores from the file that is its first argument, if it restores."""
    given = function.signature.input_arg[0].name if function.signature.input_arg else None
    return all(
        node.input and node.input[0] == given
        for node in function.node_def
        if node.op == "RestoreV2"
    )


def _ancestors(graph: MetaGraphDef) -> set[str]:
    """The nodes of the main graph that the signatures run."""
    nodes = {node.name: node for node in graph.graph_def.node}
    waiting = [
        tensor.name.partition(":")[0]
        for signature in graph.signature_def.values()
        for tensor in signature.outputs.values()
    ]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in nodes and name not in reached:
            reached.add(name)
            waiting += [i.removeprefix("^").partition(":")[0] for i in nodes[name].input]
    return reached
