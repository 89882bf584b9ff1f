"""A new champion takes over; whatever is wrong with it, the present model stays."""

from pathlib import Path

import numpy as np
import pytest

from irstd.errors import RegistryError
from irstd.export.writing import onnx_file
from irstd.models.bundle import load_files
from irstd.server.model import ServedModel, load_served, load_served_file
from irstd.server.watching import Current, Watcher
from tests.server.conftest import bright, calibrated_files, client_of, image, served


class Registry:
    """A registry whose champion the test moves."""

    def __init__(self) -> None:
        self.champion: str | None = "1"
        self.broken: set[str] = set()
        self.loads: list[str] = []
        self.said: list[str] = []

    def load(self, number: str) -> ServedModel:
        self.loads.append(number)
        if number in self.broken:
            raise RegistryError(f"version {number} is damaged")
        return served(number, half_snr=2.0 + int(number))

    def watcher(self, current: Current) -> Watcher:
        return Watcher(current, lambda: self.champion, self.load, self.said.append)


def test_a_new_champion_takes_over() -> None:
    registry, current = Registry(), Current(served("1"))
    watcher = registry.watcher(current)
    watcher.look()
    assert (current.model.version, registry.loads) == ("1", [])
    registry.champion = "2"
    watcher.look()
    watcher.look()
    assert (current.model.version, current.swaps, registry.loads) == ("2", 1, ["2"])
    assert len(registry.said) == 1


def test_one_that_does_not_load_is_told_once_and_tried_again_later() -> None:
    registry, current = Registry(), Current(served("1"))
    watcher = registry.watcher(current)
    registry.champion, registry.broken = "2", {"2"}
    for _ in range(30):
        watcher.look()
    assert current.model.version == "1"
    assert 2 <= len(registry.loads) <= 4
    assert len(registry.said) == 1
    registry.broken = set()
    for _ in range(30):
        watcher.look()
    assert current.model.version == "2"


def test_an_onnx_file_is_told_and_found_as_its_bundle_is(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    bundle = calibrated_files()
    file = tmp_path / "hat.onnx"
    file.write_bytes(onnx_file(load_files(bundle)).data)
    ours, theirs = load_served(bundle, "hat"), load_served_file(str(file))
    assert (ours.hash, ours.threshold, ours.least, ours.regions) == (
        theirs.hash,
        theirs.threshold,
        theirs.least,
        theirs.regions,
    )
    for threshold in (None, 0.0):
        expected, found = ours.find(bright(), threshold), theirs.find(bright(), threshold)
        assert len(expected) > 0
        np.testing.assert_allclose(found.points, expected.points, atol=1e-3)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-4)
    told = [
        {key: value for key, value in each.told().items() if key not in ("name", "card")} for each in (ours, theirs)
    ]
    assert told[0] == told[1]
    assert "## Operating rules" in theirs.card


def test_no_champion_any_more_changes_nothing() -> None:
    registry, current = Registry(), Current(served("1"))
    registry.champion = None
    registry.watcher(current).look()
    assert current.model.version == "1"


def test_answers_name_the_model_that_searched() -> None:
    model = served("7")
    with client_of(model) as client:
        answer = client.post("/detect", files={"files": ("a.png", image(bright()))}).json()
    assert (answer["version"], answer["bundle"]) == ("7", model.hash)
