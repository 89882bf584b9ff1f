"""DVC's words on lost data become one line that says what to do."""

import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import cast

import pytest

from irstd.errors import ComputeError
from pipelines.door import dvc

LOST = ["ERROR: failed to reproduce 'data/raw/mine.dvc': missing data 'source': data/raw/mine"]
UNCACHED = [
    "ERROR: Checkout failed for following targets:",
    "data/raw/mine",
    "Is your cache up to date?",
    "<https://error.dvc.org/missing-files>",
]


@pytest.mark.parametrize("said", [LOST, UNCACHED])
def test_lost_data_is_to_be_pulled(monkeypatch: pytest.MonkeyPatch, said: Sequence[str]) -> None:
    def stream(_: Sequence[str], lines: list[str], __: Mapping[str, str]) -> Iterator[int | None]:
        lines += ["Verifying data sources in stage: 'data/raw/mine.dvc'", *said]
        yield 255

    monkeypatch.setattr(dvc, "_stream", stream)
    monkeypatch.setattr(dvc, "require_room", lambda _: None)
    with pytest.raises(ComputeError, match=r"data/raw/mine: neither there nor in DVC's cache; `dvc pull`") as caught:
        dvc.repro(lambda _: None)
    assert "\n" not in str(caught.value)


def test_what_ends_the_job_ends_its_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """As SIGTERM does: the stage is asked to end, and DVC then ends by itself."""
    script = (
        "from subprocess import Popen as run; it = run(['sleep', '600']); print(1, flush=True); exit(it.wait() and 7)"
    )
    ended: list[int] = []
    monkeypatch.setattr(dvc, "_command", lambda _: [sys.executable, "-c", script])
    monkeypatch.setattr(subprocess.Popen, "__exit__", lambda self, *_: ended.append(self.wait()))
    lines: list[str] = []
    running = cast("Generator[int | None]", dvc._stream([], lines, {}))
    assert next(running) is None
    assert lines == ["1"]
    with pytest.raises(SystemExit):
        running.throw(SystemExit())
    assert ended == [7]
