"""What was cut reads as it was written."""

import pytest
import tensorflow as tf

from nlpkit.text import SPECIALS, WordEncoder, WordVocabulary
from nlpkit.text.words.detokenizer import Detokenizer

SENTENCES = [
    "The quick brown fox jumps over the lazy dog.",
    "It's a well-known rule: never, ever, do that!",
    'He said, "I don\'t know," and left.',
    '"Stop!" she cried. "Who goes there?"',
    "“Don’t you see?” asked Pierre—and smiled.",
    "She paid $3.50 (about 3,000 won) for it; he paid nothing.",
    "Yes... no... perhaps?",
    "A 50% share, and/or more.",
    "They met in 1805 [see the notes].",
    "He called it 'a good idea' and meant it.",
    "The rock'n'roll years: 1955-1965.",
    "Oh no--no!",
    "¿Qué? ¡Hola, señor!",
    "«Oui», dit-il.",
    "Is it A, B or C?!",
    "@property and __name__ are names.",
    "Mr. Smith's dog; Mrs. Smith's cat.",
    "I like 🍎, 👍🏽 and 👨\u200d👩\u200d👧!",
    "한글 문장도 된다, 그렇지?",
    "(A sentence in brackets.)",
]


def encoder_of(texts, tokenization):
    """An encoder that knows every word of the texts."""
    return WordEncoder(
        WordVocabulary.learn([tf.constant(texts)], tokenization=tokenization, min_count=1)
    )


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_reads_as_before(sentence):
    encoder = encoder_of([sentence], "words")
    ids = encoder.ragged(tf.constant([sentence])).to_tensor()
    assert encoder.join(tf.constant([""]), ids)[0].numpy().decode() == sentence


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_goes_on_from_wherever_it_is_broken_off_between_words(sentence):
    encoder = encoder_of([sentence], "words")
    parts = sentence.split(" ")
    for at in range(1, len(parts)):
        prompt, rest = " ".join(parts[:at]), " ".join(parts[at:])
        ids = encoder.ragged(tf.constant([rest])).to_tensor()
        for kept in (prompt, prompt + " "):
            text = encoder.join(tf.constant([kept]), ids)[0].numpy().decode()
            assert text in (sentence, kept + rest), (prompt, rest)


@pytest.mark.parametrize(
    ("prompt", "words", "expected"),
    [
        ("", ["Yes"], "Yes"),
        ("Yes", [",", "sir", "."], "Yes, sir."),
        ("a (", ["b", ")", "c"], "a (b) c"),
        ("line\n", ["next"], "line\nnext"),
        ("wide\u3000", ["next"], "wide\u3000next"),
        ('He said, "', ["Yes", '"'], 'He said, "Yes"'),
        ('He said, "Yes', ['"', "and"], 'He said, "Yes" and'),
        ('"Yes"', ["and"], '"Yes" and'),
        ("don't", ["'", "x", "'"], "don't 'x'"),
        ("x/", ["y"], "x/y"),
        ("nul\0", ["x"], "nul\0 x"),
        ("", [], ""),
        ("kept", [], "kept"),
        ("a", ["</s>"], "a"),
        ("a", ["<unk>", "b"], "a <unk> b"),
    ],
)
def test_words_after_a_prompt(prompt, words, expected):
    joiner = Detokenizer(WordVocabulary((*SPECIALS, *sorted({*words} - {*SPECIALS})), "words"))
    id_of = {word: index for index, word in enumerate((*SPECIALS, *sorted({*words} - {*SPECIALS})))}
    ids = tf.constant([[id_of[word] for word in words]], tf.int32, [1, len(words)])
    assert joiner(tf.constant([prompt]), ids)[0].numpy().decode() == expected


@pytest.mark.parametrize(
    ("tokenization", "prompt", "ids", "expected"),
    [
        ("spaces", "the cat", [2, 3, 1], "the cat a , <unk>"),
        ("spaces", "", [3, 2], ", a"),
        ("spaces", "(", [2], "( a"),
        ("subwords", "영", [4, 2], "영b a"),
        ("subwords", "x", [2, 4, 4, 3], "x abb ,"),
        ("subwords", "x ", [2], "x a"),
        ("subwords", "", [2, 4], "ab"),
        ("subwords", "(", [2], "( a"),
    ],
)
def test_words_cut_already_are_spaced_and_pieces_are_glued(tokenization, prompt, ids, expected):
    joiner = Detokenizer(WordVocabulary((*SPECIALS, "a", ",", "##b"), tokenization))
    assert joiner(tf.constant([prompt]), tf.constant([ids]))[0].numpy().decode() == expected


def test_number_signs_are_written_where_they_are_no_sign_of_a_piece():
    joiner = Detokenizer(WordVocabulary((*SPECIALS, "##b", "##"), "spaces"))
    assert joiner(tf.constant([""]), tf.constant([[2, 3]])).numpy().tolist() == [b"##b ##"]


def test_each_prompt_has_its_own_quotes_and_end():
    joiner = Detokenizer(WordVocabulary((*SPECIALS, '"', "a", "."), "words"))
    prompts = tf.constant(['He: "x', "He", "", b"\xff\xfe"])
    ids = tf.constant([[2, 3, 4]] * 4)
    expected = [b'He: "x" a.', b'He "a.', b'"a.', b'\xff\xfe "a.']
    assert joiner(prompts, ids).numpy().tolist() == expected


def test_an_empty_batch_is_legal():
    joiner = Detokenizer(WordVocabulary((*SPECIALS, "a"), "words"))
    assert joiner(tf.constant([], tf.string), tf.zeros([0, 3], tf.int32)).shape == [0]
