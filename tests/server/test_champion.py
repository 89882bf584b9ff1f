"""A new champion takes over; whatever is wrong with it, the present model stays."""

from dataclasses import replace

import numpy as np
import pytest

from irstd.errors import RegistryError
from irstd.export import OnnxDetector
from irstd.models.folder import read_bundle
from irstd.models.pretrained import FOLDER
from irstd.server.model import ServedModel, load_served, quickened
from irstd.server.watching import Current, Watcher
from tests.server.conftest import bright, client_of, image, served


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


def test_the_first_model_is_made_quicker_beside_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, current = Registry(), Current(served("1"))
    quick = replace(current.model, name="quick")
    monkeypatch.setattr("irstd.server.watching.quickened", lambda model: quick if model.version == "1" else model)
    watcher = registry.watcher(current)
    watcher.quicken()
    assert (current.model, len(registry.said)) == (quick, 1)
    registry.champion = "2"
    watcher.look()
    watcher.quicken()
    assert (current.model.version, len(registry.said)) == ("2", 2)


def test_a_model_in_onnx_runtime_finds_the_same() -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    model = load_served(read_bundle(FOLDER), "pretrained")
    quick = quickened(model)
    assert isinstance(quick.loaded, OnnxDetector)
    assert quickened(quick) is quick
    for threshold in (None, 0.0):
        ours, theirs = model.find(bright(), threshold), quick.find(bright(), threshold)
        np.testing.assert_allclose(ours.points[:1], theirs.points[:1], atol=1e-3)
        np.testing.assert_allclose(ours.scores[:1], theirs.scores[:1], atol=1e-4)
    assert quick.told() == model.told()


def test_no_champion_any_more_changes_nothing() -> None:
    registry, current = Registry(), Current(served("1"))
    registry.champion = None
    registry.watcher(current).look()
    assert current.model.version == "1"


def test_answers_name_the_model_that_searched() -> None:
    model = served("7")
    with client_of(model) as client:
        answer = client.post("/detect", files={"files": ("a.png", image(bright()))}).json()
    assert (answer["version"], answer["bundle"]) == ("7", model.loaded.hash)
