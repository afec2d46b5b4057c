"""A vocabulary of words depends on what the stream holds, not on how it comes."""

import random
from collections import Counter

import pytest
import tensorflow as tf

from nlpkit.errors import InputError
from nlpkit.text import END, SPECIALS, UNKNOWN, WordEncoder, WordVocabulary
from nlpkit.text.words import vocabulary as module
from nlpkit.text.words.tokenization import TOKENIZATIONS
from tests.text import cutting, drawing

TEXTS = drawing.texts(300)


def batched(texts, size):
    """The texts as string tensors of a given size."""
    return [tf.constant(texts[at : at + size]) for at in range(0, len(texts), size)]


def counted(texts, tokenization):
    """How often each word occurs, counted in Python."""
    return Counter(word for text in texts for word in cutting.cut(text, tokenization))


@pytest.mark.parametrize("tokenization", TOKENIZATIONS)
@pytest.mark.parametrize(("size", "step"), [(1, 1), (7, -1), (300, 1)])
def test_neither_order_nor_batching_counts(tokenization, size, step):
    texts = TEXTS if tokenization != "subwords" else TEXTS[:60]
    learnt = WordVocabulary.learn(
        batched(texts[::step], size), tokenization=tokenization, size=2_000
    )
    assert learnt == WordVocabulary.learn(batched(texts, 64), tokenization=tokenization, size=2_000)


@pytest.mark.parametrize("tokenization", ["words", "spaces"])
@pytest.mark.parametrize("min_count", [1, 2, 5])
@pytest.mark.parametrize("size", [3, 40, 50_000])
def test_the_most_frequent_stay_and_ties_go_to_the_smaller_string(tokenization, min_count, size):
    learnt = WordVocabulary.learn(
        batched(TEXTS, 50), tokenization=tokenization, size=size, min_count=min_count
    )
    counts = counted(TEXTS, tokenization).items()
    ranked = sorted((-count, word) for word, count in counts if count >= min_count)
    assert learnt.words == (*SPECIALS, *(word for _, word in ranked[: size - 2]))
    assert len(learnt) == len(learnt.words) and learnt.tokenization == tokenization


def test_words_seen_once_stay_where_the_text_was_cut_already():
    texts = [tf.constant(["the rare <unk> the </s>"])]
    assert WordVocabulary.learn(texts, tokenization="spaces").words == (*SPECIALS, "the", "rare")
    assert "rare" not in WordVocabulary.learn(texts, tokenization="words").words


def test_the_specials_stand_at_their_ids():
    assert (SPECIALS[END], SPECIALS[UNKNOWN]) == ("</s>", "<unk>")


@pytest.mark.parametrize("tokenization", TOKENIZATIONS)
@pytest.mark.parametrize("stream", [[], [tf.constant([], tf.string)], [tf.constant(["", " "])]])
def test_an_empty_stream_is_refused(tokenization, stream):
    times = "at all" if tokenization == "spaces" else "2 times"
    words = f"^no word occurs {times} in the text to learn from; add text\\.$"
    with pytest.raises(InputError, match=words):
        WordVocabulary.learn(stream, tokenization=tokenization)


def test_words_that_all_occur_once_are_refused():
    with pytest.raises(InputError, match="^no word occurs 2 times"):
        WordVocabulary.learn([tf.constant(["each word differs"])], tokenization="words")


def test_a_long_stream_forgets_what_is_rare_and_keeps_the_frequent(monkeypatch):
    monkeypatch.setattr(module, "_MAX_COUNTED", 20)
    stream = [tf.constant(["영화 film", f"once{number}"]) for number in range(100)]
    learnt = WordVocabulary.learn(stream, tokenization="words", min_count=1)
    assert {"영화", "film"} <= set(learnt.words) and len(learnt) <= 2 + 21
    assert WordVocabulary.learn(stream, tokenization="words", min_count=100).words[2:] == (
        "film",
        "영화",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"tokenization": "letters"},
            r"^`tokenization` must be one of 'words', .*, got 'letters'\.$",
        ),
        ({"tokenization": "words", "size": 0}, r"^`size` must be a positive integer, got 0\.$"),
        ({"tokenization": "words", "size": 2}, r"^`size` must be at least 3, got 2\.$"),
        (
            {"tokenization": "words", "min_count": 0},
            r"^`min_count` must be a positive integer, got 0\.$",
        ),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(InputError, match=message):
        WordVocabulary.learn([], **options)


@pytest.mark.parametrize(
    ("words", "tokenization", "message"),
    [
        (SPECIALS, "letters", r"^`tokenization` must be one of "),
        (("a", "b"), "words", r"^`words` must begin with '</s>', '<unk>', got 'a', 'b'\.$"),
        ((), "words", r"^`words` must begin with '</s>', '<unk>', got nothing\.$"),
        ((*SPECIALS, "a", "a"), "words", r"^`words` must hold each word once, got 'a' twice\.$"),
        ((*SPECIALS, ""), "words", r"^`words` must hold no empty string\.$"),
    ],
)
def test_a_vocabulary_is_checked(words, tokenization, message):
    with pytest.raises(InputError, match=message):
        WordVocabulary(words, tokenization)


STEMS = {
    "영화 배우 음악 화면 연출": ("에서 까지 처럼 부터 보다", " "),
    "今天 昨天 北京 上海 后天": ("下雨了 刮风啦 出太阳 很热吧 真好吗", ""),
    "今日は 昨日は 明日は": ("雨でした 晴れでしょう 暑いですね", ""),
    "เมื่อวาน วันนี้ พรุ่งนี้": ("ฝนตก แดดออก ลมแรง", ""),
}


def learnt(stems, endings, between, apart=False):
    """Texts of stems with endings, three each, and the vocabulary learnt from them."""
    pairs = [f"{s}{' ' * apart}{e}" for s in stems.split() for e in endings.split()]
    draw = random.Random(0)
    texts = [between.join(draw.choices(pairs, k=3)) for _ in range(300)]
    return texts, WordVocabulary.learn([tf.constant(texts)], tokenization="subwords")


@pytest.mark.parametrize(("stems", "endings", "between"), [(s, *e) for s, e in STEMS.items()])
def test_whether_words_are_written_apart_is_told_by_the_pieces(stems, endings, between):
    assert learnt(stems, endings, between)[1].spaced == (between == " ")
    assert learnt(stems, endings, " ", apart=True)[1].spaced
    assert WordVocabulary((*SPECIALS, "今天"), "words").spaced


def test_where_they_are_not_the_pieces_make_up_all_characters_of_a_text():
    (_, (endings, _)) = list(STEMS.items())[1]
    texts, known = learnt(list(STEMS)[1], endings, "")
    ids = WordEncoder(known).ragged(tf.constant([*texts, "今天下雨了 后天", "?"]))
    wanted = [1 + len(text) for text in [*texts, "今天下雨了 后天"]]
    characters = [known.characters[row].sum() for row in ids.to_list()]
    assert characters == [*wanted, 1] and known.characters[END] == 0
    assert WordVocabulary((*SPECIALS, "today"), "words").characters is None
