"""What a run tells of its model: tables, pictures, the model card and the files that hold them."""

from nlpkit.reports.report import (
    CONTENTS,
    LANGUAGE_CONTENTS,
    write_language_report,
    write_report,
)
from nlpkit.reports.table import render
from nlpkit.reports.verdict import majority_warning

__all__ = [
    "CONTENTS",
    "LANGUAGE_CONTENTS",
    "majority_warning",
    "render",
    "write_language_report",
    "write_report",
]
