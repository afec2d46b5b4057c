"""Checks of the stored graph, before any of it runs.

Which implementation runs on which device is chosen inside the graph by a device branch: a `Case`
whose index comes from a `DeviceIndex` op. TensorFlow replaces the index by a constant on each
device, provided that the case is not lowered first (`_lower_using_switch_merge`), so a branch for
another device is never built and may contain ops that this one lacks.
"""

import functools
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from tensorflow.core.framework.node_def_pb2 import NodeDef
from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
from tensorflow.python.framework import kernels, op_def_registry

from .allowed import ALLOWED, SAVER

__all__ = ["CHECKS", "listed", "read", "unlisted"]

CALLBACKS = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}
"""Ops that call back into the Python process that made them."""

LARGEST = 1 << 28
"""The most bytes of saved_model.pb, 256 MiB: the weights are elsewhere."""

Nodes = list[NodeDef]


def read(directory: Path) -> MetaGraphDef:
    """Reads the graph of a SavedModel.

    Raises:
        ValueError: If saved_model.pb is damaged, or too large to be read.
    """
    path = directory / "saved_model.pb"
    if path.stat().st_size > LARGEST:
        raise ValueError(f"saved_model.pb must have at most {LARGEST >> 20} MiB.")
    try:
        saved = SavedModel.FromString(path.read_bytes())
    except DecodeError:
        raise ValueError("saved_model.pb is damaged.") from None
    if len(saved.meta_graphs) != 1:
        raise ValueError(f"saved_model.pb must hold one graph, got {len(saved.meta_graphs)}.")
    return saved.meta_graphs[0]


def check_ops(graph: MetaGraphDef) -> tuple[bool, str]:
    """Every op must be one of TensorFlow itself, and need no Python."""
    ops = _ops(graph)
    if unknown := sorted(op for op in ops if op_def_registry.get(op) is None):
        return False, f"TensorFlow alone does not know the ops {listed(unknown)}."
    if callbacks := sorted(ops & CALLBACKS):
        return False, f"The ops {listed(callbacks)} call Python code that is not in the artefact."
    told = f"All {len(ops)} kinds of op come with TensorFlow."
    if others := unlisted(graph):
        told += f" For {listed(others)}, nlpkit takes the model with `--trust` only."
    return True, told


def check_devices(graph: MetaGraphDef) -> tuple[bool, str]:
    """All that may run on a CPU must have a CPU kernel; the message says what each device runs."""
    bodies = _bodies(graph)
    roots = _roots(graph, bodies)
    for name in _reachable(bodies, roots, "CPU"):
        for node in bodies[name]:
            where = f"{node.op} ({name or 'main graph'})"
            if "GPU" in node.device or "TPU" in node.device:
                return False, f"{where} is pinned to {node.device}."
            if node.op not in bodies and not _runs_on_cpu(node.op):
                return False, f"{where} has no CPU kernel and stands outside a device branch."
    return True, f"All that may run on a CPU has a CPU kernel. {_devices(bodies, roots)}"


def check_xla(graph: MetaGraphDef) -> tuple[bool, str]:
    """No function may require XLA, which TensorFlow Serving lacks for CPUs by default."""
    library = graph.graph_def.library.function
    marked = [f.signature.name for f in library if f.attr["_XlaMustCompile"].b]
    marked += [
        f"{node.name} ({name or 'main graph'})"
        for name, nodes in _bodies(graph).items()
        for node in nodes
        if "_XlaMustCompile" in node.attr and node.attr["_XlaMustCompile"].b
    ]
    if marked:
        return False, f"{listed(marked)} can run with XLA only (marked _XlaMustCompile)."
    return True, "No function needs XLA."


CHECKS = {"ops": check_ops, "devices": check_devices, "xla": check_xla}
"""Name → check; each takes the graph and returns whether it passed, and a message."""


def unlisted(graph: MetaGraphDef) -> list[str]:
    """The ops of a graph that a model from a stranger must not hold, by name."""
    return sorted(_ops(graph) - ALLOWED - SAVER)


def _ops(graph: MetaGraphDef) -> set[str]:
    """The ops of a graph by name; a function that is called by its name is none."""
    library = graph.graph_def.library.function
    # Not `_bodies`, where the first of two functions with one name is missing.
    nodes = itertools.chain(graph.graph_def.node, *(function.node_def for function in library))
    ops, functions = {node.op for node in nodes}, {f.signature.name for f in library}
    # A function with the name of an op would hide it.
    return ops - {name for name in functions if op_def_registry.get(name) is None}


def _bodies(graph: MetaGraphDef) -> dict[str, Nodes]:
    """The nodes of each function by its name, and under "" those of the main graph."""
    library = graph.graph_def.library.function
    return {"": list(graph.graph_def.node)} | {f.signature.name: list(f.node_def) for f in library}


def _roots(graph: MetaGraphDef, bodies: dict[str, Nodes]) -> list[str]:
    """The entry points for calls from outside: the main graph and what the loader restores."""
    return ["", *(name for name in graph.object_graph_def.concrete_functions if name in bodies)]


def _devices(bodies: dict[str, Nodes], roots: list[str]) -> str:
    """What runs on which device, in words."""
    indices = [node for nodes in bodies.values() for node in nodes if node.op == "DeviceIndex"]
    named = {name for index in indices for name in _names(index)}
    elsewhere = _reachable(bodies, roots, None)
    functions = {device: _reachable(bodies, roots, device) for device in sorted(named)}
    parts = [
        f"on a {device}, {_told(bodies, names)}"
        for device, names in functions.items()
        if names != elsewhere
    ]
    if not parts:
        return "The same ops run everywhere."
    parts.append(f"elsewhere and under XLA, {_told(bodies, elsewhere)}")
    return f"Chosen when the graph runs: {'; '.join(parts)}."


def _told(bodies: dict[str, Nodes], names: Iterable[str]) -> str:
    """The ops of some functions, in words; those that a CPU lacks by name."""
    ops = {node.op for name in names for node in bodies[name]} - set(bodies)
    bound = sorted(op for op in ops if not _runs_on_cpu(op))
    if not bound:
        return "TensorFlow ops"
    if all(op.startswith("Cudnn") for op in bound):
        return f"TensorFlow ops and cuDNN ({listed(bound)})"
    return f"TensorFlow ops and {listed(bound)}"


def _reachable(bodies: dict[str, Nodes], roots: list[str], device: str | None) -> dict[str, None]:
    """The functions that may run on a device: all but those only in branches for others.

    The device None is one that no branch names.
    """
    reached: dict[str, Any] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached[name] = None
        indices = {node.name: node for node in bodies[name] if node.op == "DeviceIndex"}
        for node in bodies[name]:
            waiting += [callee for callee in _callees(node, indices, device) if callee in bodies]
    return reached


def _callees(node: NodeDef, indices: dict[str, NodeDef], device: str | None) -> Iterator[str]:
    """The functions that a node may call on a device."""
    index = indices.get(node.input[0].partition(":")[0]) if node.input else None
    lowered = node.attr["_lower_using_switch_merge"].b if index is not None else True
    if node.op in ("Case", "StatelessCase") and not lowered:
        branches = [branch.name for branch in node.attr["branches"].list.func]
        names = _names(index)
        yield branches[names.index(device) if device in names else -1]
        return
    yield node.op
    for value in node.attr.values():
        if value.func.name:
            yield value.func.name
        yield from (function.name for function in value.list.func)


def _names(index: NodeDef) -> list[str]:
    """The devices that have a branch, in the order of the branches; the last is the default."""
    return [name.decode() for name in index.attr["device_names"].list.s]


@functools.cache
def _runs_on_cpu(op: str) -> bool:
    """Whether this TensorFlow has a kernel of the op for CPUs, or one for every device."""
    registered = kernels.get_registered_kernels_for_op(op).kernel
    return any(kernel.device_type in ("CPU", "DEFAULT") for kernel in registered)


def listed(names: list[str]) -> str:
    """At most five names, each cut where it is long, for a sentence."""
    return ", ".join(f"{name:.60}" for name in names[:5]) + (", …" if len(names) > 5 else "")
