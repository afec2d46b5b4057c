"""Choice of columns: guesses, names given, and the words of each refusal."""

import itertools
import unicodedata

import pytest

from nlpkit.data.columns import Columns, choose_columns, choose_text_column, columns_by_content
from nlpkit.errors import InputError

TEXTS = ("text", "Review", "document", "sentence", "content", "comment", "REVIEW_BODY",
         "reviewText", "comment_text", "문서", "리뷰", "댓글", "내용",
         unicodedata.normalize("NFD", "리뷰"))  # fmt: skip
LABELS = ("label", "Sentiment", "target", "class", "rating", "stars", "star_rating", "overall",
          "라벨", "평점")  # fmt: skip


@pytest.mark.parametrize(("text", "label"), list(itertools.product(TEXTS, LABELS)))
def test_usual_names_are_found_among_others_in_any_order(text, label):
    columns = ["id", text, "date", label]
    for order in (columns, columns[::-1]):
        assert choose_columns(order, name="x") == (text, label)


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [(["Satz", "label"], ("Satz", "label")), (["text", "y"], ("text", "y"))],
)
def test_of_two_columns_the_other_one_follows(columns, chosen):
    assert choose_columns(columns, name="x") == chosen
    assert choose_columns(columns[::-1], name="x") == chosen


@pytest.mark.parametrize("spelt", ["Satz", "satz", " SATZ "])
@pytest.mark.parametrize("more", [[], ["text"], ["text", "label"]])
def test_the_columns_learnt_from_win_over_guesses(spelt, more):
    known = Columns("Satz", "Urteil")
    columns = ["id", spelt, "Urteil", *more]
    assert choose_columns(columns, name="x", known=known) == (spelt, "Urteil")
    assert choose_text_column(columns, name="x", known=known) == spelt


def test_names_given_win_over_the_columns_learnt_from():
    known, columns = Columns("Satz", "Urteil"), ["Satz", "Urteil", "a", "b"]
    chosen = choose_columns(columns, name="x", known=known, text_column="a", label_column="b")
    assert chosen == ("a", "b")
    assert choose_text_column(columns, name="x", known=known, text_column="a") == "a"


@pytest.mark.parametrize("columns", [["text", "label"], ["text", "label", "Satz", "Satz"]])
def test_columns_learnt_from_that_are_missing_or_ambiguous_leave_the_guesses(columns):
    chosen = choose_columns(columns, name="x", known=Columns("Satz", "Urteil"))
    assert chosen == ("text", "label")


INDEX = [
    "",
    "Unnamed: 0",
    "id",
    "ID",
    "tweet_id",
    "reviewId",
    "itemID",
    "index",
    "번호",
    "__index_level_0__",
]


@pytest.mark.parametrize("index", INDEX)
def test_a_column_that_numbers_rows_is_neither_text_nor_label(index):
    assert choose_columns([index, "Satz", "label"], name="x") == ("Satz", "label")
    assert choose_columns([index, "text", "y"], name="x") == ("text", "y")
    assert choose_text_column([index, "Satz"], name="x") == "Satz"
    with pytest.raises(InputError, match="no column looks like the label"):
        choose_columns([index, "text"], name="x")
    assert choose_columns([index, "text"], name="x", label_column=index) == ("text", index)


@pytest.mark.parametrize("name", ["valid", "paid", "humid", "Urteil"])
def test_a_name_that_only_ends_like_one_is_no_index(name):
    assert choose_columns(["text", name], name="x") == ("text", name)


@pytest.mark.parametrize(
    ("rows", "guessed"),
    [
        ([("1", "a film"), ("0", "b"), ("1", "c"), ("0", "d")], ("2", "1")),
        ([("a film", "x", "7"), ("b", "y", "8"), ("c", "x", "9"), ("d", "y", "1")], ("1", "2")),
        ([("a film", "x"), ("b", "x"), ("c", "x"), ("d", "x")], ("1", None)),
        ([("a film", "1", "x"), ("b", "2", "y"), ("c", "1", "x"), ("d", "2", "y")], ("1", None)),
        ([], (None, None)),
    ],
)
def test_without_names_the_longest_column_is_the_text_and_the_repeating_one_the_label(
    rows, guessed
):
    columns = [str(n + 1) for n in range(len(rows[0]))] if rows else []
    assert columns_by_content(columns, rows) == guessed


def test_no_column_is_the_label_for_being_the_other_one_where_names_count():
    message = "x: no column holds labels by its name, .*`--label-column`; the .* are 'tweet_id'"
    with pytest.raises(InputError, match=message):
        choose_columns(["tweet_id", "tweet"], name="x", by_name=True)
    assert choose_columns(["Satz", "label"], name="x", by_name=True) == ("Satz", "label")


def test_names_given_win_over_guesses():
    columns = ["text", "label", "title", "stars"]
    chosen = choose_columns(columns, name="x", text_column="title", label_column="stars")
    assert chosen == ("title", "stars")


@pytest.mark.parametrize(
    ("columns", "given", "complaint"),
    [
        (["a", "b"], {}, r"no column looks like the text; .*`--text-column`; the "
         r"columns are 'a', 'b'"),
        (["text", "b", "c"], {}, "looks like the label; name it with `--label-column`"),
        (["text", "review", "label"], {}, r"more than one column may be the text \('text', "
         r"'review'\).*`--text-column`"),
        (["text", "label", "stars"], {}, r"may be the label \('label', 'stars'\)"),
        (["text", "text", "label"], {}, "two columns are called 'text'; rename one"),
        (["text", "text", "label"], {"text_column": "text"},
         "two columns are called 'text'; rename one"),
        (["text", "label", "y", "y"], {"label_column": "y"},
         "two columns are called 'y'; rename one"),
        (["text", "label"], {"text_column": "body"}, r"there is no column 'body' for "
         r"`--text-column`; the columns are 'text', 'label'"),
        (["text", "label"], {"label_column": "y"}, "no column 'y' for `--label-column`"),
        (["text", "label"], {"text_column": "text", "label_column": "text"},
         "`--text-column` and `--label-column` must differ, got 'text' twice"),
    ],
)  # fmt: skip
def test_missing_or_ambiguous_column_is_refused_and_the_columns_are_listed(
    columns, given, complaint
):
    with pytest.raises(InputError, match=f"^x: .*{complaint}"):
        choose_columns(columns, name="x", **given)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (["A film to see again", "1"], True),
        (["정말 최고의 영화", "positive"], True),
        (["Titel", ""], False),
        (["Titel", "4.5"], True),
        (["Satz", "Urteil"], False),
        (["review date", "star count"], False),
    ],
)
def test_a_header_that_looks_like_data_gets_the_advice_to_add_one(columns, told):
    with pytest.raises(InputError) as caught:
        choose_columns(columns, name="x")
    advice = "; if the file has no header, say `--no-header`."
    assert str(caught.value).endswith(advice) == told


def test_long_headers_are_cut_in_the_error():
    with pytest.raises(InputError) as caught:
        choose_columns(["x" * 10_000, *map(str, range(1000))], name="x")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("text", TEXTS)
def test_a_usual_text_column_is_found_where_no_label_is_needed(text):
    assert choose_text_column(["id", text, "date", "label"], name="x") == text


def test_the_only_column_is_the_text():
    assert choose_text_column(["Satz"], name="x") == "Satz"


def test_the_text_column_given_wins_over_guesses():
    assert choose_text_column(["text", "title"], name="x", text_column="title") == "title"


@pytest.mark.parametrize(
    ("columns", "given", "complaint"),
    [
        (["Satz", "Urteil"], None, "no column looks like the text"),
        (["A film to see again"], None, "looks like the text; .* if the file has no header, say"),
        (["text", "review"], None, r"more than one column may be the text \('text', 'review'\)"),
        (["text", "text"], None, "two columns are called 'text'; rename one"),
        (["text"], "body", "there is no column 'body' for `--text-column`"),
    ],
)
def test_a_text_column_that_cannot_be_told_is_refused(columns, given, complaint):
    with pytest.raises(InputError, match=f"^x: .*{complaint}"):
        choose_text_column(columns, name="x", text_column=given)
