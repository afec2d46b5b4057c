"""The page to try models on: type, and see the answer change with each word."""

from collections.abc import Sequence
from typing import Any

from nlpkit.reports.page import render_page
from nlpkit.serve.classifier import ServedClassifier
from nlpkit.serve.language_model import ServedLanguageModel

__all__ = ["POLICY", "page"]

POLICY = "frame-ancestors 'none'"
"""What the page's own policy cannot forbid: to be shown inside another page."""


def page(models: Sequence[tuple[str, ServedClassifier | ServedLanguageModel]]) -> str:
    """The page.

    Args:
        models: Names and models.

    Returns:
        HTML, complete in itself; it asks nothing but the models it was served with.
    """
    views = [{"name": name, **_view(model)} for name, model in models]
    return render_page("serve.html", title="nlpkit", language="en", views=views)


def _view(model: ServedClassifier | ServedLanguageModel) -> dict[str, Any]:
    """What the page must know of a model."""
    if isinstance(model, ServedClassifier):
        return {"classes": list(model.classes)}
    return {"spaced": model.vocabulary.spaced}
