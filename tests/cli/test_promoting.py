"""Champions by hand: rollback and history on a real registry; promotion is tested beside its flow."""

import json
from pathlib import Path

import pytest

from irstd.promotion.champions import set_champion
from irstd.tracking.store import open_store
from tests.cli.running import fails, run
from tests.tracking.build import new_store, versions

pytestmark = pytest.mark.slow


@pytest.fixture
def registry(tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry elsewhere, with two versions that were champion one after the other and one that was not."""
    home = tmp_path / "registry"
    store = new_store(home)
    one, two, _ = versions(store, tmp_path / "bundles", 3)
    set_champion(store, one, "promoted by the gate", "the first", None)
    set_champion(store, two, "promoted by the gate", "better", "1")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{home / 'var' / 'mlflow.db'}")
    return home


def test_where_no_registry_is_one_line_says_so(outside: Path, project: Path) -> None:
    for command in (["history"], ["rollback"], ["promote", "1"]):
        assert fails("models", *command).startswith("error: no model is registered yet; `make demo`")
    assert not (project / "var").exists()


def test_outside_a_project_too(outside: Path) -> None:
    assert "no params.yaml beside a dvc.yaml" in fails("models", "history")


def test_history_rollback_and_a_rollback_too_far(registry: Path) -> None:
    shown = run("models", "history")
    assert shown.code == 0, shown
    assert shown.out[0].split() == ["when", "(UTC)", "what", "version", "before", "why"]
    assert "promoted by the gate" in shown.out[1]
    assert shown.out[1].rstrip().endswith("better")
    assert shown.out[2].rstrip().endswith("the first")
    assert shown.out[3] == "champion is version 2, previous is version 1"
    back = run("models", "rollback", "--why", "blind at dusk")
    assert back.out == ["version 1 is champion again in place of version 2: blind at dusk"], back
    entries = json.loads("\n".join(run("models", "history", "--json").out))
    assert [(entry["version"], entry["before"], entry["why"]) for entry in entries] == [
        ("1", None, "the first"),
        ("2", "1", "better"),
        ("1", "2", "blind at dusk"),
    ]
    line = fails("models", "rollback")
    assert line.startswith("error: version 1 is champion and none before it is left; nothing changed")
    assert json.loads("\n".join(run("models", "history", "--json").out)) == entries
    store = open_store(registry)
    card = str(store.client.get_model_version("irstd", "2").description).splitlines()
    assert card[0] == "# tophat, version 2: rolled back"
    assert card[2].endswith(": blind at dusk")


def test_promotion_needs_the_data_that_decides(registry: Path) -> None:
    line = fails("models", "promote", "3")
    assert line == "error: promote needs the project whose validation split decides; go to its folder"
