"""The folder of a run: complete or not there, except that a trained model is always kept."""

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
> `nlpkit verify saved_model` checks it. Once the cause is fixed, the same command with
> `--resume` goes on from the end of the training.

"""


@dataclasses.dataclass
class Draft:
    """The folder of a run in progress.

    Attributes:
        folder: The folder to write to.
        replaces: Whether it will replace the result of an earlier run.
        kept: What to keep if the run fails; empty if nothing.
    """

    folder: Path
    replaces: bool
    kept: str = ""

    def keep(self, what: str) -> None:
        """Keeps the folder from now on, even if the run fails.

        Args:
            what: What is kept, as a noun phrase such as "the trained model".
        """
        self.kept = what


@contextlib.contextmanager
def run_directory(path: str | Path, *, marker: str, contents: Collection[str]) -> Iterator[Draft]:
    """Makes a folder to fill, which replaces `path` when the block ends.

    Like `atomic_directory`; but if the block raises after `Draft.keep`, the folder is kept beside
    `path` under a new name. Its README.md then begins with what is missing, and a note on the error
    says where it is. `path` stays as it was.

    Args:
        path: The folder to make or to replace. Missing parents are made.
        marker: See `atomic_directory`.
        contents: See `atomic_directory`.

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
                with contextlib.suppress(OSError):  # on a full disk, the files matter more
                    _say_first(folder / CARD, draft.kept, error)
                    flush_tree(folder)
                aside = _put_aside(folder, Path(path))
                what = draft.kept[0].upper() + draft.kept[1:]
                error.add_note(f"{what} is kept in {aside}, whose README.md says what to do.")
            raise


def _put_aside(folder: Path, path: Path) -> Path:
    """Moves a folder beside `path`, to an unused name, and returns its path."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.name}-unfinished" + (f"-{number}" if number > 1 else ""))
        with contextlib.suppress(FileExistsError):
            aside.mkdir()
            folder.replace(aside)  # the empty one, in one step
            return aside
    raise FileExistsError(f"{path}-unfinished and its like are taken.")


def _say_first(card: Path, kept: str, error: BaseException) -> None:
    """Puts what went wrong, and what to do, at the top of a run's card."""
    reason = " ".join(str(error).split()) or type(error).__name__
    told = card.read_text(encoding="utf-8") if card.is_file() else ""
    message = _UNFINISHED.format(kept=kept, reason=reason)
    card.write_text(message + told, encoding="utf-8")
