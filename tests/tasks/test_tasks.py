"""The tasks: every artefact, served model and command finds its own, and nothing else decides."""

import re

import pytest

from nlpkit import serve, tasks
from nlpkit.errors import InputError
from nlpkit.export import interfaces
from nlpkit.serve.loading import SERVED
from tests.test_architecture import FILES, _place

# Where the name of a task may stand: its interface, the checks beside TensorFlow alone, which may
# import nothing of nlpkit, and the cards and folders that users know.
NAMED = {
    "export/interfaces.py", "export/plain_tensorflow/behaviour.py", "export/artefact.py",
    "reports/classifier_card.py", "reports/language_card.py", "data/columns.py",
    "compare/quality.py", "recipes/sentiment.py", "recipes/next_word.py", "cli.py",
}  # fmt: skip


@pytest.fixture
def artefacts(artefact, language_artefact):
    return {"sentiment": artefact, "next-word": language_artefact}


def test_every_interface_is_a_tasks_and_is_served():
    assert {task.interface for task in tasks.TASKS.values()} == set(SERVED)
    assert set(SERVED) == set(interfaces.INTERFACES.values())


@pytest.mark.parametrize("name", tasks.TASKS)
def test_the_task_of_an_artefact_is_found_and_answers(artefacts, name):
    task = tasks.find(artefacts[name])
    assert task is tasks.TASKS[name]
    (answer,) = task.predict(serve.load(artefacts[name]), ["the cat"])
    assert answer["text"] == "the cat"


@pytest.mark.parametrize("name", tasks.TASKS)
def test_an_option_of_another_task_is_refused(artefacts, name):
    task = tasks.TASKS[name]
    for other in tasks.TASKS.values():
        for option in other.options - task.options:
            flag = option.replace("_", "-")
            message = f"`--{flag}` must go with {other.model}, got {task.model}."
            with pytest.raises(InputError, match=message):
                tasks.find(artefacts[name], [option])


def test_no_name_of_a_task_decides_anything_elsewhere():
    names = re.compile("|".join(f'"{name}"' for name in tasks.TASKS))
    naming = {str(_place(file)) for file in FILES if names.search(file.read_text(encoding="utf-8"))}
    assert naming - NAMED == set()
