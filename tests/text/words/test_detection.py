"""How a text is cut is told by its lines, whatever their lengths, and by more than one sign."""

import pytest
import tensorflow as tf

from nlpkit.text import detect_tokenization

SHORT = "영화 정말 좋다"
LONG = "an opinion that somebody wrote at length in another language"


@pytest.mark.parametrize(
    ("texts", "tokenization"),
    [
        (["The quick brown fox.", "It's fine."], "words"),
        (["the <unk> fox said n't"], "spaces"),
        (["<unk>"], "spaces"),
        (["about a<unk>b, x"], "words"),
        (["the rare <unk> , or n't"] + ["none here , though"] * 49, "spaces"),
        (["the rare <unk> , or n't"] + ["none here , though"] * 50, "words"),
        (["It was a day, as days go."] * 400 + ["The token <unk> stands for the rest."], "words"),
        (["A word, if rare, becomes <unk> here."] * 9, "words"),
        (["The token <unk>, as it is called."] * 9, "words"),
        (["이 영화 정말 재미있다", "good"], "subwords"),
        (["\u1112\u1161\u11ab\u1100\u1173\u11af"], "subwords"),
        (["今日は良い天気です。"], "subwords"),
        (["ภาษาไทย"], "subwords"),
        (["Война и мир", "Πόλεμος και ειρήνη"], "words"),
        (["한 word among many others here"], "words"),
        ([SHORT, SHORT, LONG], "subwords"),
        ([SHORT, LONG, LONG], "words"),
        (["今天下雨了。", "明天会出太阳。", LONG], "subwords"),
        (["我用 Python 写代码", "good"], "subwords"),
        ([LONG, " ".join([SHORT] * 20)], "subwords"),
        (["123 ... !"], "words"),
        ([""], "words"),
        ([], "words"),
    ],
)
def test_kind_by_the_look_of_the_text(texts, tokenization):
    assert detect_tokenization([tf.constant(texts, tf.string)]) == tokenization


def test_kind_looks_at_the_first_few_thousand_texts_only():
    def stream():
        yield tf.constant(["some words"] * 5_000)
        raise AssertionError("read on")

    assert detect_tokenization(stream()) == "words"
