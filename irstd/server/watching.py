"""The model in use, and its replacement when the registry has a new champion."""

import threading
from collections.abc import Callable

from irstd.errors import IrstdError, in_one_line
from irstd.server.model import ServedModel

EVERY_S = 5.0
_AFTER_FAILURE = 12  # looks that are left out before a version that did not load is tried again

Newest = Callable[[], str | None]
"""The number of the champion; None where there is none, or none is followed."""
Load = Callable[[str], ServedModel]
"""A version by its number, loaded and warm."""
Say = Callable[[str], None]


class Current:
    """The model in use. A request takes it once and keeps it, so that a replacement drops none."""

    def __init__(self, model: ServedModel) -> None:
        self.model = model
        self.swaps = 0

    def replace(self, model: ServedModel) -> None:
        """Put another model in place."""
        self.model = model
        self.swaps += 1


class Watcher(threading.Thread):
    """Looks for a new champion every few seconds, loads it beside the present model, and swaps them.

    A registry that does not answer, or a version that does not load, is one line; the present model stays.
    """

    def __init__(self, current: Current, newest: Newest, load: Load, say: Say) -> None:
        super().__init__(name="champion", daemon=True)
        self._current, self._newest, self._load, self._say = current, newest, load, say
        self._done = threading.Event()
        self._failed, self._left_out = "", 0

    def run(self) -> None:
        """Look until `stop`."""
        while not self._done.wait(EVERY_S):
            self.look()

    def stop(self) -> None:
        """End the thread, after the look that is under way."""
        self._done.set()

    def look(self) -> None:
        """Look once."""
        if self._left_out:
            self._left_out -= 1
            return
        try:
            number = self._newest()
            if number is None or number == self._current.model.version:
                return
            model = self._load(number)
        except Exception as fault:  # of a registry or a stranger's bundle; the present model is still fine
            self._fail(str(fault) if isinstance(fault, IrstdError) else f"{type(fault).__name__}: {in_one_line(fault)}")
            return
        self._failed = ""
        self._current.replace(model)
        self._say(f"now serving {model}")

    def _fail(self, line: str) -> None:
        if line != self._failed:
            self._say(f"the model stays {self._current.model}: {line}")
        self._failed, self._left_out = line, _AFTER_FAILURE
