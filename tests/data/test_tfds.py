"""TFDS by name, on data sets that the tests build on disk; nothing is downloaded."""

import collections
import http.client
import io
import socket
import threading
import urllib.error
import urllib.request

import numpy as np
import pytest
import tensorflow_datasets as tfds

from nlpkit.data import prepare, prepare_text
from nlpkit.data import tfds as nlpkit_tfds
from nlpkit.errors import InputError

NAMES = ["bad", "good", "never"]
SPLITS = {
    "three": {"train": 200, "validation": 40, "test": 60},
    "two": {"train": 200, "test": 60},
    "validated": {"train": 200, "validation": 40},
    "lone": {"train": 200},
    "unlabelled": {"train": 200, "validation": 40, "test": 60},
    "trainless": {"test": 60},
}
FEATURES = tfds.features.FeaturesDict({
    "id": tfds.features.Scalar(np.int64),
    "passage": tfds.features.Text(),
    "mood": tfds.features.ClassLabel(names=NAMES),
})  # fmt: skip


def _rows(config, split):
    for number in range(SPLITS[config][split]):
        label = -1 if (config, split) == ("unlabelled", "test") else number % 2
        yield number, {"id": number, "passage": f"{split} 영화 {number} \0", "mood": label}


class NlpkitToy(tfds.core.GeneratorBasedBuilder):
    """Texts with a class label, in configurations that differ by their splits."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=name) for name in SPLITS]

    def _info(self):
        return self.dataset_info_from_configs(features=FEATURES)

    def _split_generators(self, dl_manager):
        return {
            split: _rows(self.builder_config.name, split)
            for split in SPLITS[self.builder_config.name]
        }

    def _generate_examples(self):
        raise NotImplementedError


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tfds")
    for config in SPLITS:
        NlpkitToy(data_dir=directory, config=config).download_and_prepare()
    return directory


@pytest.mark.parametrize(
    ("config", "test", "validation"),
    [
        ("three", "test", "validation"),
        ("two", "test", "train"),
        ("validated", "validation", "train"),
        ("lone", "train", "train"),
        ("unlabelled", "validation", "train"),
    ],
)
def test_splits_that_are_there_and_labelled_are_used(tmp_path, data_dir, config, test, validation):
    corpus = prepare(f"tfds:nlpkit_toy/{config}", data_dir=data_dir, directory=tmp_path)
    for split, name in ((corpus.test, test), (corpus.validation, validation)):
        assert {text.split()[0] for text, _ in split} == {name}
        if name != "train":
            assert split.size == SPLITS[config][name]
    assert {text.split()[0] for text, _ in corpus.train} == {"train"}
    assert corpus.name == f"tfds:nlpkit_toy/{config}"
    assert (corpus.text_column, corpus.label_column) == ("passage", "mood")


def test_class_names_become_label_names_of_the_classes_that_occur(tmp_path, data_dir):
    corpus = prepare("tfds:nlpkit_toy/two", data_dir=data_dir, directory=tmp_path)
    assert (corpus.labels.values, corpus.labels.names) == (("0", "1"), ("bad", "good"))
    assert all(int(text.split()[2]) % 2 == index for text, index in corpus.train)


def test_label_names_given_win(tmp_path, data_dir):
    corpus = prepare(
        "tfds:nlpkit_toy/two", data_dir=data_dir, directory=tmp_path, label_names="0=나쁨"
    )
    assert corpus.labels.names == ("나쁨", "good")


def test_files_alone_are_enough_where_the_code_is_unknown(tmp_path, data_dir):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "renamed").symlink_to(data_dir / "nlpkit_toy")
    corpus = prepare("tfds:renamed/two", data_dir=tmp_path / "data", directory=tmp_path / "shards")
    assert corpus.test.size == SPLITS["two"]["test"]


def test_a_split_of_tfds_serves_as_test_data(tmp_path, data_dir):
    (tmp_path / "x.csv").write_text(
        "text,label\n" + "".join(f"text {number},{number % 2}\n" for number in range(50))
    )
    corpus = prepare(
        tmp_path / "x.csv",
        test_data="tfds:nlpkit_toy/two",
        data_dir=data_dir,
        directory=tmp_path / "shards",
    )
    assert collections.Counter(text.split()[0] for text, _ in corpus.test) == {"test": 60}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"text_column": "body"}, r"no column 'body' .* the columns are 'id', 'passage', 'mood'|"
         r"no column 'body' .* the columns are 'id', 'mood', 'passage'"),
        ({"label_column": "stars"}, "no column 'stars' for `--label-column`"),
    ],
)  # fmt: skip
def test_missing_features_are_refused(tmp_path, data_dir, options, complaint):
    with pytest.raises(InputError, match=complaint):
        prepare("tfds:nlpkit_toy/two", data_dir=data_dir, directory=tmp_path, **options)


def test_a_data_set_without_training_split_is_refused(tmp_path, data_dir):
    with pytest.raises(InputError, match=r"a split 'train' is needed; the splits are \['test'\]"):
        prepare("tfds:nlpkit_toy/trainless", data_dir=data_dir, directory=tmp_path)


def test_unknown_name_is_refused_and_a_few_close_ones_are_offered(tmp_path):
    with pytest.raises(
        InputError, match="no data set 'imdb_review'.*did you mean imdb_reviews"
    ) as e:
        prepare("tfds:imdb_review", data_dir=tmp_path, directory=tmp_path)
    assert len(str(e.value)) < 250
    assert str(e.value).count("imdb_reviews") == 1


def test_unknown_name_without_neighbours_is_refused(tmp_path):
    with pytest.raises(InputError, match="no data set 'zzqqxxyy'.*no known name is close"):
        prepare("tfds:zzqqxxyy", data_dir=tmp_path, directory=tmp_path)


def test_unknown_configuration_is_refused_and_close_ones_are_offered(tmp_path):
    with pytest.raises(InputError, match="no configuration 'plain_txt'; did you mean plain_text"):
        prepare("tfds:imdb_reviews/plain_txt", data_dir=tmp_path, directory=tmp_path)


def _refused(*args, **kwargs):
    raise urllib.error.URLError(socket.gaierror("Name or service not known"))


def test_no_network_is_answered_with_what_to_do_offline(tmp_path, monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", _refused)
    with pytest.raises(
        InputError,
        match=r"tfds:imdb_reviews is not on this disk and the network "
        r"does not answer; .*`--data-dir` or TFDS_DATA_DIR",
    ):
        prepare("tfds:imdb_reviews", data_dir=tmp_path, directory=tmp_path)
    assert list(tmp_path.rglob("*.tfrecord*")) == []


def test_a_host_that_never_answers_is_not_waited_for(monkeypatch):
    event = threading.Event()

    def never(*args, **kwargs):
        event.wait(30)
        return io.BytesIO()

    monkeypatch.setattr(nlpkit_tfds, "_PATIENCE", 0.05)
    monkeypatch.setattr(urllib.request, "urlopen", never)
    assert not nlpkit_tfds._answers("http://example.org")
    event.set()


@pytest.mark.parametrize(
    "refusal",
    [
        urllib.error.HTTPError("http://example.org", 403, "Forbidden", {}, io.BytesIO()),
        http.client.BadStatusLine("what?"),
    ],
)
def test_a_refusal_is_an_answer(monkeypatch, refusal):
    def refuse(*args, **kwargs):
        raise refusal

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    assert nlpkit_tfds._answers("http://example.org")


def test_a_failed_preparation_is_one_sentence(tmp_path, monkeypatch):
    def fail(self):
        raise OSError("disk full\nand more")

    monkeypatch.setattr(nlpkit_tfds, "_answers", lambda url: True)
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    with pytest.raises(InputError, match=r"could not be downloaded and prepared \(disk full\); "):
        prepare("tfds:imdb_reviews", data_dir=tmp_path, directory=tmp_path)


@pytest.mark.parametrize(
    ("config", "test", "validation"),
    [
        ("three", "test", "validation"),
        ("two", "test", "train"),
        ("validated", "validation", "train"),
        ("lone", "train", "train"),
    ],
)
@pytest.mark.parametrize("column", [None, "passage"])
def test_texts_come_without_labels(tmp_path, data_dir, config, test, validation, column):
    corpus = prepare_text(
        f"tfds:nlpkit_toy/{config}", text_column=column, data_dir=data_dir, directory=tmp_path
    )
    assert (corpus.form, corpus.text_column) == ("lines", "passage")
    for split, name in ((corpus.test, test), (corpus.validation, validation)):
        assert {text.split()[0] for text in split} == {name}
    assert {text.split()[0] for text in corpus.train} == {"train"}


def test_texts_of_a_feature_that_is_missing_are_refused(tmp_path, data_dir):
    with pytest.raises(InputError, match="no column 'body' for `--text-column`; the columns are"):
        prepare_text(
            "tfds:nlpkit_toy/two", text_column="body", data_dir=data_dir, directory=tmp_path
        )


def test_texts_without_a_training_split_are_refused(tmp_path, data_dir):
    with pytest.raises(InputError, match="a split 'train' is needed"):
        prepare_text("tfds:nlpkit_toy/trainless", data_dir=data_dir, directory=tmp_path)
