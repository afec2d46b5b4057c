"""A model from a stranger may compute, and touch nothing else."""

import shutil

import pytest
import tensorflow as tf
from tensorflow.python.saved_model import save_context

from nlpkit import export, models, serve
from nlpkit.errors import InputError
from nlpkit.export.plain_tensorflow import graph, safety
from nlpkit.models.recurrent import RECURRENT
from tests.artefacts import CLASSES, SUBWORDS, WORDS, tiny_language_model, tiny_next_word
from tests.commands import nlpkit_command
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
