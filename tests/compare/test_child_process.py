import pytest

import nlpkit
from nlpkit.compare.child_process import run_module
from nlpkit.errors import InputError


def test_wrong_usage_of_a_program_is_wrong_usage_here():
    with pytest.raises(InputError, match="^No such command 'sentimnt'"):
        run_module("nlpkit", "sentimnt")


def test_what_lies_in_the_folder_of_the_user_is_not_run(tmp_path, monkeypatch):
    (tmp_path / "nlpkit.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    assert run_module("nlpkit", "--version") == f"{nlpkit.__version__}\n"


def test_what_was_found_in_the_folder_of_the_user_is_found_again(tmp_path, monkeypatch):
    (tmp_path / "of_the_user.py").write_text("print('found')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    assert run_module("of_the_user") == "found\n"


def test_a_program_that_fails_is_named_with_its_last_words():
    message = "`python -m no_such_module x` ended with status 1: .*No module named no_such_module"
    with pytest.raises(RuntimeError, match=message):
        run_module("no_such_module", "x")
