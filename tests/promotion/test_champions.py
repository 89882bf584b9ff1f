"""Champions come, go back and are noted, on a real embedded store."""

from pathlib import Path

import pytest

from irstd.errors import RegistryError
from irstd.promotion.champions import (
    CHALLENGER,
    WITHDRAWN_TAG,
    registry_state,
    roll_back,
    set_challenger,
    set_champion,
    settle,
)
from irstd.tracking.registry import Version, alias_version, get_version
from irstd.tracking.store import Store
from tests.tracking.build import new_store, versions

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path)


@pytest.fixture
def three(store: Store, tmp_path: Path) -> list[Version]:
    return versions(store, tmp_path / "bundles", 3)


def artifacts(store: Store, version: Version) -> Path:
    return Path(str(store.client.get_model_version("irstd", version.number).source).removeprefix("file://"))


def test_champions_come_and_go_back_one_by_one(store: Store, three: list[Version]) -> None:
    one, two, three_ = three
    set_champion(store, one, "promoted by the gate", "the first", None)
    set_challenger(store, two)
    assert registry_state(store).aliases == {"champion": "1", "challenger": "2"}
    set_champion(store, two, "promoted by the gate", "better", "1")
    set_champion(store, three_, "promoted by a person", "as I say", "2")
    assert registry_state(store).aliases == {"champion": "3", "previous": "2"}
    roll_back(store, "false alarms at sea")
    assert registry_state(store).aliases == {"champion": "2", "previous": "1"}
    withdrawn = get_version(store, "3").tags
    assert withdrawn["irstd.verdict"] == "rolled back"
    assert withdrawn[WITHDRAWN_TAG].endswith(": false alarms at sea")
    roll_back(store, "again")
    assert registry_state(store).aliases == {"champion": "1"}
    before = registry_state(store)
    with pytest.raises(RegistryError, match="version 1 is champion and none before it is left; nothing changed"):
        roll_back(store, "once more")
    assert registry_state(store) == before
    set_champion(store, three_, "promoted by a person", "mended", "1")
    assert not get_version(store, "3").tags[WITHDRAWN_TAG]
    assert [(entry.version, entry.before, entry.state) for entry in registry_state(store).history] == [
        ("1", None, "done"),
        ("2", "1", "done"),
        ("3", "2", "done"),
        ("2", "3", "done"),
        ("1", "2", "done"),
        ("3", "1", "done"),
    ]


def test_before_anything_is_registered_there_is_nothing_to_roll_back(store: Store) -> None:
    assert registry_state(store).champion is None
    with pytest.raises(RegistryError, match="no version is champion, so none can be rolled back; nothing changed"):
        roll_back(store, "why not")


def test_what_was_judged_against_another_champion_does_not_become_champion(store: Store, three: list[Version]) -> None:
    set_champion(store, three[0], "promoted by the gate", "the first", None)
    before = registry_state(store)
    with pytest.raises(
        RegistryError, match="version 2 was judged against no version, and version 1 is champion by now"
    ):
        set_champion(store, three[1], "promoted by the gate", "the first, too", None)
    with pytest.raises(RegistryError, match="version 1 is champion already; nothing changed"):
        set_champion(store, three[0], "promoted by a person", "again", "1")
    assert registry_state(store) == before


def test_what_does_not_load_is_never_champion(store: Store, three: list[Version]) -> None:
    one, two, _ = three
    set_champion(store, one, "promoted by the gate", "the first", None)
    set_champion(store, two, "promoted by the gate", "better", "1")
    record = artifacts(store, one) / "artifacts/bundle/bundle.json"
    record.write_text(record.read_text().replace("tophat", "tiphat"))
    before = registry_state(store)
    with pytest.raises(RegistryError, match=r"version 1 was champion before, but .*was registered; .*nothing changed"):
        roll_back(store, "back")
    (artifacts(store, three[2]) / "artifacts/bundle/bundle.json").write_bytes(
        (artifacts(store, two) / "artifacts/bundle/bundle.json").read_bytes()
    )
    with pytest.raises(RegistryError, match=r"models:/irstd/3: holds bundle .* was registered"):
        set_champion(store, three[2], "promoted by the gate", "better", "2")
    assert registry_state(store) == before


def test_an_alias_moved_by_hand_is_noted_at_the_next_look(store: Store, three: list[Version]) -> None:
    store.client.set_registered_model_alias("irstd", "champion", three[1].number)
    assert [entry.why for entry in settle(store).history] == ["champion before there was a history"]
    store.client.set_registered_model_alias("irstd", "champion", three[2].number)
    found = settle(store)
    assert [(entry.action, entry.version, entry.before) for entry in found.history[1:]] == [("set elsewhere", "3", "2")]
    assert found.aliases["previous"] == "2"
    assert settle(store) == found


def test_the_champion_is_no_challenger(store: Store, three: list[Version]) -> None:
    set_champion(store, three[0], "promoted by the gate", "the first", None)
    set_challenger(store, three[0])
    assert alias_version(store, CHALLENGER) is None


def test_versions_of_one_run_keep_a_bundle_each(store: Store, three: list[Version]) -> None:
    assert len({artifacts(store, version) for version in three}) == 3
    assert {version.run_id for version in three} == {three[0].run_id}


def test_a_registry_that_does_not_answer_is_not_one_without_a_champion(store: Store, three: list[Version]) -> None:
    set_champion(store, three[0], "promoted by the gate", "the first", None)
    database = Path(str(store.client.tracking_uri).removeprefix("sqlite:///"))
    database.write_bytes(b"no database")
    for ask in (lambda: alias_version(store, "champion"), lambda: registry_state(store)):
        with pytest.raises(RegistryError, match="does not answer"):
            ask()
