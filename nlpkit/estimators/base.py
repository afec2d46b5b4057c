"""What the estimators share: learning without a trace, pickling, and the artefact."""

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
    """An estimator whose samples are strings, and which learns as a recipe does.

    A subclass names the recipe, has its options as parameters, and sets in `fit` what `_as_served`
    and `_notes` need. What is traced for predictions is made anew after unpickling.
    """

    _recipe: ClassVar[Callable[..., Any]]
    """The `main` of the recipe, as a static method."""

    def _as_served(self) -> "tf.Module":
        """What `export` writes, and what answers meanwhile."""
        raise NotImplementedError

    def _notes(self) -> dict[str, str]:
        """The files that stand beside the artefact."""
        raise NotImplementedError

    def export(self, directory: str | Path) -> "Report":
        """Writes the fitted model as one SavedModel, and has it proven portable.

        Args:
            directory: The folder to make, or an artefact to replace.

        Returns:
            What was checked. `nlpkit predict` and the other commands take the folder.

        Raises:
            NotFittedError: If there is nothing to write.
            InputError: If the folder holds something else.
            NotPortableError: If the artefact is not proven portable; it says so itself, too.
        """
        check_is_fitted(self)
        nlpkit.export.write(self._module, directory, extra=self._notes())
        return nlpkit.export.prove(directory).require()

    @contextlib.contextmanager
    def _learning(self) -> Iterator["Session"]:
        """A session with the parameters as options, after which nothing is left or changed."""
        options = checked_options(self._recipe, self.get_params(deep=False))
        nlpkit.checks.check_choice("cell", options["cell"], nlpkit.models.RECURRENT)
        # A model that is built sets the global seeds.
        states = random.getstate(), np.random.get_state()
        try:
            with nlpkit.tasks.learning(options) as session:
                yield session
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])

    def _keep(self, **fitted: Any) -> None:
        """Sets what was learnt, in place of what was learnt before."""
        for name in _MADE & vars(self).keys():
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
        return {name: value for name, value in vars(self).items() if name not in _MADE}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


_MADE = {"_module", "_served"}
"""Graphs and tables, which cannot be pickled, and are made of what can."""
