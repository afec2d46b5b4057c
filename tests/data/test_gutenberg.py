"""A book is read without its wrapping, and any other text as a whole."""

import pytest

from nlpkit.data import prepare_text
from nlpkit.data.gutenberg import Wrapping

START = "*** START OF THE PROJECT GUTENBERG EBOOK WAR AND PEACE ***"
END = START.replace("START", "END")
HEADER, BOOK, LICENCE = ["Title", ""], ["Chapter", "", "Text."], ["", "You may copy it."]
OLD = [
    line.replace(" THE PROJECT", " THIS PROJECT").replace("*** ", "***") for line in (START, END)
]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ([*HEADER, START, *BOOK, END, *LICENCE], BOOK),
        ([*HEADER, OLD[0], *BOOK, OLD[1], *LICENCE], BOOK),
        ([*HEADER, START.lower(), *BOOK, END.lower()], BOOK),
        ([*HEADER, START, *BOOK], BOOK),
        ([*BOOK, END, *LICENCE], BOOK),
        ([*HEADER, START, *BOOK, END, *LICENCE, *HEADER, START, *BOOK, END, *LICENCE], BOOK * 2),
        (BOOK, BOOK),
        ([], []),
        ([f"He read: {START}", *BOOK], [f"He read: {START}", *BOOK]),
        ([*BOOK * 1_000, START, *BOOK], BOOK * 1_001),
        (["* * *", "*** THE END ***"], ["* * *", "*** THE END ***"]),
    ],
)
def test_what_lies_outsplit_the_markers_is_left_out_and_counted(lines, kept):
    wrapping = Wrapping()
    assert list(wrapping.stripped(lines)) == kept
    assert wrapping.characters == sum(len(line) + 1 for line in lines) - sum(
        len(line) + 1 for line in kept
    )


@pytest.mark.parametrize("end", ["\n", "\n\n"])
def test_no_split_of_a_book_holds_its_licence(tmp_path, end):
    story = [f"Sentence number {number} of the story." for number in range(400)]
    licence = [f"Paragraph {number} of the licence." for number in range(100)]
    path = tmp_path / "book.txt"
    path.write_text(end.join(["A title", START, *story, END, *licence]))
    corpus = prepare_text(path, directory=tmp_path / "passages")
    passages = [*corpus.train, *corpus.validation, *corpus.test]
    assert sorted(passages) == sorted(story)
    assert corpus.left_out > sum(map(len, licence))
    other = prepare_text(path, test_data=_copy(path), directory=tmp_path / "passages")
    assert list(other.test) == story and other.left_out == 2 * corpus.left_out


def _copy(path):
    """The same book under another name."""
    return path.with_name("other.txt").write_text(path.read_text()) and path.with_name("other.txt")
