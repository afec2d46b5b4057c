"""Rows of delimited text: quoting, lost quotes, broken rows, laziness."""

import csv
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpkit.data.delimited import read_rows
from nlpkit.errors import InputError

DELIMITERS = {"csv": ",", "tsv": "\t"}


def _rows(content, delimiter):
    lines = enumerate(io.StringIO(content, newline="\n"), 1)
    return list(read_rows(lines, delimiter=delimiter, name="x"))


# Python's writer quotes whatever needs it; what it wrote must come back, quotes and all.
@given(
    delimiter=st.sampled_from(sorted(DELIMITERS.values())),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    cells=st.lists(
        st.tuples(st.text(alphabet='ab", \t\n\r\0정😀'), st.sampled_from(["0", "1"])), min_size=1
    ),
)
def test_what_the_csv_module_writes_is_read_back(delimiter, end, quoting, cells):
    if delimiter == "\t":  # There, lines that are rows by themselves are read as rows.
        cells = [(text.replace("\n", " "), label) for text, label in cells]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([("text", "label"), *cells])
    read = [tuple(row) for _, row in _rows(stream.getvalue(), delimiter)]
    assert read == [("text", "label"), *cells]


QUIRKS = {
    "quotes within": ('say "no"', 'say "no"'),
    "a lone quote in the middle": ('5" screen', '5" screen'),
    "a lone quote at the end": ('screen of 5"', 'screen of 5"'),
    "a lone quote at the start": ('"lost', '"lost'),
    "a quote that closes too early": ('"Great" film', '"Great" film'),
    "only a quote": ('"', '"'),
    "quoted": ('"Great film"', "Great film"),
    "quoted and empty": ('""', ""),
    "doubled quotes": ('"""Great"" film"', '"Great" film'),
    "only doubled quotes": ('""""""', '""'),
    "empty": ("", ""),
    "spaces": ("  ", "  "),
    "carriage return": ("a\rb", "a\rb"),
}


@pytest.mark.parametrize(
    ("quirk", "delimiter", "end", "position"),
    list(itertools.product(QUIRKS, DELIMITERS.values(), ("\n", "\r\n"), ("first", "last"))),
)
def test_each_quirk_costs_its_neighbours_nothing(quirk, delimiter, end, position):
    written, read = QUIRKS[quirk]
    before, after = ["1", "before"], ["3", "after"]
    rows = [["id", "text"], before, ["2", written], after]
    wanted = [["id", "text"], before, ["2", read], after]
    if position == "first":
        rows, wanted = [r[::-1] for r in rows], [r[::-1] for r in wanted]
    content = "".join(delimiter.join(row) + end for row in rows)
    assert _rows(content, delimiter) == list(enumerate(wanted, 1))


@pytest.mark.parametrize("delimiter", DELIMITERS.values())
def test_a_quoted_text_may_span_lines_and_rows_keep_their_line_numbers(delimiter):
    content = 'text|label\n"a\n\n""b""|c"|0\nd|1\n'.replace("|", delimiter)
    assert _rows(content, delimiter) == [
        (1, ["text", "label"]),
        (2, [f'a\n\n"b"{delimiter}c', "0"]),
        (5, ["d", "1"]),
    ]


def test_two_texts_of_a_row_may_span_lines():
    content = 'a,b\n"1\n2","3\n4"\n5,6\n'
    assert _rows(content, ",")[1:] == [(2, ["1\n2", "3\n4"]), (5, ["5", "6"])]


def test_lost_quotes_in_a_tsv_do_not_join_rows():
    content = 'text\tlabel\n"one\t0\ntwo\t1\nthree"\t0\n'
    assert [row for _, row in _rows(content, "\t")][1:] == [
        ['"one', "0"],
        ["two", "1"],
        ['three"', "0"],
    ]


def test_a_quote_that_spans_a_tab_is_text_where_the_row_needs_that_tab():
    assert _rows('a\tb\tc\n"Wow\tKim"\t1\n', "\t")[1] == (2, ['"Wow', 'Kim"', "1"])


@pytest.mark.parametrize("delimiter", DELIMITERS.values())
def test_a_lost_quote_in_the_first_of_many_rows_swallows_none(delimiter):
    content = 'text|label\n"lost|0\n'.replace("|", delimiter)
    content += "".join(f"row {number}{delimiter}1\n" for number in range(1000))
    assert len(_rows(content, delimiter)) == 1002


@pytest.mark.parametrize("delimiter", DELIMITERS.values())
def test_empty_lines_are_skipped_unless_the_table_has_one_column(delimiter):
    assert _rows(f"a{delimiter}b\n\n1{delimiter}2\n\n", delimiter)[1:] == [(3, ["1", "2"])]
    assert _rows("text\n\nx\n", delimiter)[1:] == [(2, [""]), (3, ["x"])]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("a,b\n1,2\n1,2,3\n", "x, line 3: the row must have 2 fields like the first row, got 3; a "
         "text that holds a comma needs quotes"),
        ("a,b\n1\n", "x, line 2: .* got 1"),
        ('a,b\n"1\n2",3\n4,5,6\n', "x, line 4: .* got 3"),
        ('a,b\n1,2\n"never, closed,1\n1,2\n', "x, line 3: .* got 3, and a quote opens here"),
    ],
)  # fmt: skip
def test_broken_row_is_refused_with_its_line(content, complaint):
    with pytest.raises(InputError, match=complaint):
        _rows(content, ",")


def test_broken_row_of_a_tsv_speaks_of_tabs():
    with pytest.raises(InputError, match="line 2: .* a text that holds a tab needs quotes"):
        _rows("a\tb\n1\t2\t3\n", "\t")


def test_endless_input_is_read_a_row_at_a_time():
    taken = 0

    def endless():
        nonlocal taken
        yield 1, "text,label\n"
        for taken in itertools.count(1):
            yield taken + 1, f'"row ""{taken}""",1\n'

    rows = read_rows(endless(), delimiter=",", name="x")
    assert list(itertools.islice(rows, 4))[-1] == (4, ['row "3"', "1"])
    assert taken == 3
