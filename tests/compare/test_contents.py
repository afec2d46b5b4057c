import pytest
from rich.cells import cell_len

from nlpkit.compare.contents import Notes, Table, paragraph, printed

HEADS = [("nlpkit", "LSTM"), ("Keras", "LSTM"), ("", "floor")]
ROWS = {"128,100,256,256": ["75.4±12%", "1084±3%", "46.1"], "긴 이름": ["1", "–", "0.001"]}
TABLE = Table("What is set side by side, in ms:", HEADS, ROWS)


@pytest.mark.parametrize("width", [20, 24, 40, 80, 200])
def test_no_line_is_too_long_and_no_number_is_cut(width):
    lines = TABLE.lines(width)
    assert all(cell_len(line) <= width for line in lines)
    words = " ".join(lines).split()
    for name, cells in ROWS.items():
        assert set(cells) <= set(words) and set(name.split()) <= set(words)


@pytest.mark.parametrize("width", [1, 10, 19])
def test_a_terminal_too_narrow_for_words_still_gets_every_number(width):
    words = " ".join(TABLE.lines(width)).split()
    assert {cell for cells in ROWS.values() for cell in cells} <= set(words)


def test_columns_line_up():
    _, above, header, *rows = TABLE.lines(80)
    assert len({cell_len(line) for line in (header, *rows)}) == 1
    assert above.split() == ["nlpkit", "Keras"]


def test_long_words_stay_whole():
    assert paragraph("short " + "x" * 60, width=30) == ["short", "x" * 60]


def test_an_empty_line_parts_contents():
    lines = printed(["One.", TABLE, Notes("What ran:", ["a while loop"])], 80)
    assert [index for index, line in enumerate(lines) if not line] == [1, 7]
