"""Which labs the user has done: a small file in the user's state directory."""

import json
import os
from contextlib import suppress
from pathlib import Path

import platformdirs


def progress_file() -> Path:
    """The file; ``KAFKATUI_STATE`` names another directory."""
    given = os.environ.get("KAFKATUI_STATE")
    directory = Path(given) if given else Path(platformdirs.user_state_dir("kafkatui", appauthor=False))
    return directory / "labs.json"


def read_progress() -> dict[str, int]:
    """How many steps of each lab have passed, by its name; a file that cannot be read is no progress."""
    try:
        found = json.loads(progress_file().read_text(encoding="utf-8"))
        return {str(name): int(passed) for name, passed in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def note_progress(name: str, passed: int) -> None:
    """Note how many steps of a lab have passed, if it is more than before. If there can be no file, this is
    forgotten.
    """
    known = read_progress()
    if passed <= known.get(name, 0):
        return
    path = progress_file()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(known | {name: passed}), encoding="utf-8")
        partial.replace(path)
