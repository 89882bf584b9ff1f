"""DVC's words on lost data become one line that says what to do."""

from collections.abc import Iterator, Mapping, Sequence

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
