"""The tasks that models are trained for: one record for each, with all that is specific to it.

A new task needs one more record here, a recipe that trains it, and the modules that this uses.
"""

from nlpkit.tasks.lookup import TASKS, find
from nlpkit.tasks.next_word import NEXT_WORD
from nlpkit.tasks.running import Result, Run, running
from nlpkit.tasks.sentiment import SENTIMENT
from nlpkit.tasks.session import Session, learning
from nlpkit.tasks.task import Task

__all__ = [
    "NEXT_WORD",
    "SENTIMENT",
    "TASKS",
    "Result",
    "Run",
    "Session",
    "Task",
    "find",
    "learning",
    "running",
]
