"""What the estimators share: training without side effects, pickling, and export."""

import contextlib
import functools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

import nlpkit
from nlpkit.estimators.parameters import checked_options

if TYPE_CHECKING:
    import tensorflow as tf

    from nlpkit.export import Report
    from nlpkit.tasks import Session

__all__ = ["TextEstimator"]


class TextEstimator(BaseEstimator):
    """An estimator of raw texts that trains as a recipe does.

    A subclass names the recipe, takes its options as parameters, and sets in `fit` what
    `_as_served` and `_notes` need. Graphs for prediction are not pickled, but traced again.
    """

    _recipe: ClassVar[Callable[..., Any]]
    """The `main` of the recipe, as a static method."""

    _derived: ClassVar[frozenset[str]] = frozenset({"_module", "_served"})
    """Graphs and tables, which cannot be pickled; they are made from the other attributes."""

    def _as_served(self) -> "tf.Module":
        """The module that `export` writes and that predicts until then."""
        raise NotImplementedError

    def _notes(self) -> dict[str, str]:
        """The notes to write into the artefact: content by file name."""
        raise NotImplementedError

    def export(self, directory: str | Path) -> "Report":
        """Writes the fitted model as one SavedModel and verifies that it is portable.

        Args:
            directory: The folder to make, or an artefact to replace.

        Returns:
            The report of the verification. `nlpkit predict` and the other commands take the folder.

        Raises:
            NotFittedError: If `fit` was not called.
            InputError: If the folder holds something else.
            NotPortableError: If the artefact is not proven portable; it is still written, but
                marked.
        """
        check_is_fitted(self)
        nlpkit.export.write(self._module, directory, extra=self._notes())
        return nlpkit.export.prove(directory).require()

    @contextlib.contextmanager
    def _learning(self) -> Iterator["Session"]:
        """A session with the parameters as options; restores the random states at its end."""
        options = checked_options(self._recipe, self.get_params(deep=False))
        nlpkit.checks.check_choice("cell", options["cell"], nlpkit.models.RECURRENT)
        nlpkit.checks.check_choice("strategy", options["strategy"], nlpkit.cluster.STRATEGIES)
        # A model that is built sets the global seeds.
        states = random.getstate(), np.random.get_state()
        try:
            with nlpkit.tasks.learning(options) as session:
                yield session
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])

    def _keep(self, **fitted: Any) -> None:
        """Sets the fitted attributes, and drops graphs of an earlier fit."""
        for name in self._derived & vars(self).keys():
            delattr(self, name)
        for name, value in fitted.items():
            setattr(self, name, value)
        _ = self._served  # made now, so that predictions change nothing of the estimator

    @functools.cached_property
    def _module(self) -> "tf.Module":
        return self._as_served()

    @functools.cached_property
    def _served(self) -> Any:
        return nlpkit.serve.serve_live(self._module)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in self._derived}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags
