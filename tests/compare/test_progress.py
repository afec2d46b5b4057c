import pytest

from nlpkit.compare import progress


@pytest.mark.parametrize("quiet", [False, True])
def test_lines_go_to_standard_error_as_they_are(capsys, quiet):
    line = "speed: lstm [32,200] " + "a long line " * 20
    with progress("speed", 1, 9, quiet=quiet) as say:
        say(line)
    answer = capsys.readouterr()
    assert answer.out == ""
    assert answer.err == ("" if quiet else f"{line}\n")
