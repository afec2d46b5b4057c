"""The folder of a run, whole or not at all, but for a trained model: it is kept, whatever fails."""

import contextlib
import dataclasses
from collections.abc import Collection, Iterator
from pathlib import Path

from nlpkit.export.atomic import atomic_directory, flush_tree

__all__ = ["Draft", "run_directory"]

CARD = "README.md"

_UNFINISHED = """\
> **Unfinished, and not proven.** The run ended after {kept} was saved: {reason}
>
> `model.keras` is the trained model: `import nlpkit, keras`, then
> `keras.models.load_model("model.keras")`. If there is a `saved_model/`, it may be good:
> `nlpkit verify saved_model` says what holds and what does not. Once the cause is mended, the same
> command trains the same model again.

"""


@dataclasses.dataclass
class Draft:
    """The folder of a run that is not done yet.

    Attributes:
        folder: Where to write.
        replaces: Whether an earlier run's result will make way.
        kept: What is worth keeping; empty if nothing is yet.
    """

    folder: Path
    replaces: bool
    kept: str = ""

    def keep(self, what: str) -> None:
        """Has the folder kept from now on, whatever fails later.

        Args:
            what: What is worth it, in words that a sentence can go on with.
        """
        self.kept = what


@contextlib.contextmanager
def run_directory(path: str | Path, *, marker: str, contents: Collection[str]) -> Iterator[Draft]:
    """Gives a folder to fill, which takes the place of `path` when the block ends.

    As `atomic_directory`; but if the block raises after `Draft.keep`, the folder is put beside
    `path` under a new name, its README.md says first what is missing, and the error has a note that
    says where it is. What stands at `path` stays what it was.

    Args:
        path: The folder to make or to replace. Missing parents are made.
        marker: As for `atomic_directory`.
        contents: As for `atomic_directory`.

    Yields:
        The draft of the run.

    Raises:
        InputError: As `atomic_directory`.

    Example:
        >>> out = getfixture("tmp_path") / "out"
        >>> with run_directory(out, marker="metrics.json", contents={"metrics.json"}) as draft:
        ...     _ = (draft.folder / "model.keras").write_text("trained")
        ...     draft.keep("the trained model")
        ...     raise MemoryError
        Traceback (most recent call last):
        ...
        MemoryError
        The trained model is kept in ...out-unfinished, whose README.md says what to do.
        >>> sorted(file.name for file in out.with_name("out-unfinished").iterdir())
        ['README.md', 'model.keras']
    """
    with atomic_directory(path, marker=marker, contents=contents) as folder:
        draft = Draft(folder, replaces=(Path(path) / marker).is_file())
        try:
            yield draft
        except BaseException as error:
            if draft.kept:
                with contextlib.suppress(OSError):  # a full disk: the files count, not the words
                    _say_first(folder / CARD, draft.kept, error)
                    flush_tree(folder)
                place = _put_aside(folder, Path(path))
                what = draft.kept[0].upper() + draft.kept[1:]
                error.add_note(f"{what} is kept in {place}, whose README.md says what to do.")
            raise


def _put_aside(folder: Path, path: Path) -> Path:
    """Moves a folder beside `path`, to a name that nobody has, and returns it."""
    for number in range(1, 1000):
        place = path.with_name(f"{path.name}-unfinished" + (f"-{number}" if number > 1 else ""))
        with contextlib.suppress(FileExistsError):
            place.mkdir()
            folder.replace(place)  # the empty one, in one step
            return place
    raise FileExistsError(f"{path}-unfinished and its like are taken.")


def _say_first(card: Path, kept: str, error: BaseException) -> None:
    """Has a run's card begin with what went wrong, and what to do."""
    reason = " ".join(str(error).split()) or type(error).__name__
    told = card.read_text(encoding="utf-8") if card.is_file() else ""
    message = _UNFINISHED.format(kept=kept, reason=reason)
    card.write_text(message + told, encoding="utf-8")
