"""The tasks that models are made for: all that tells one from another, in one record each.

A further task is one more record here, beside the recipe that trains it and what it is made of.
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
