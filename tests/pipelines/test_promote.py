"""Promotion as a flow: the first champion, one that stays, one that is better, and what is written of each."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from irstd.curation.demo import make_demo
from irstd.datasets.prepared import PreparedDataset
from irstd.errors import DataError, RegistryError
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.registry import build
from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.promotion.by_hand import promote_version, roll_back_champion
from irstd.promotion.champions import registry_state, roll_back, set_champion
from irstd.promotion.recorded import current_verdicts
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from irstd.tracking.fetching import load_version
from irstd.tracking.registering import register
from irstd.tracking.registry import Version, get_version
from irstd.tracking.runs import variant_run
from irstd.tracking.store import Store, open_store
from irstd.training.config import FitConfig
from irstd.training.device import seeded
from irstd.training.fit import fit
from pipelines.evaluate import evaluate
from pipelines.prepare import prepare
from pipelines.promote import promote
from tests.promotion.build import rules

# On frames of 128 px, where 150 steps are enough to find something.
NETWORK = {"size": 256}

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("services")]


@pytest.fixture(scope="module")
def ready(project: Path) -> Settings:
    """A project with a floor and a network that finds something, evaluated on eight validation frames."""
    params = project / "params.yaml"
    content = yaml.safe_load(params.read_text())
    content["gate"] = {"fa_rise_per_mpx": 1e6}
    params.write_text(yaml.safe_dump(content, sort_keys=False))
    settings, where = load_settings(params), Layout("tiny")
    make_demo(where.raw, 40, 3, replace=True)
    prepare(settings)
    save_bundle(where.bundle("tophat"), build("tophat", {}), Bundle("tophat", {}, Rules()))
    with seeded(0, 1):
        network = build("spire", NETWORK)
    config = FitConfig(steps=150, batch=8, crop=64, validate_every=150, learning_rate=0.01, warmup_steps=20, threads=1)
    fit(network, PreparedDataset.open(where.prepared).split("train"), config)
    save_bundle(where.bundle("spire"), network, Bundle("spire", NETWORK, Rules(threshold=0.3)))
    for variant in settings.variants:
        evaluate(settings, variant)
    return settings


@pytest.fixture(scope="module")
def store(project: Path) -> Store:
    return open_store(find_root(project))


def record(project: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((project / "reports/promotion.json").read_text())
    return content


def blind(store: Store, folder: Path, threshold: float = 0.5) -> Version:
    """A registered network that finds nothing at all; another bundle for each threshold."""
    detector = build("spire", NETWORK)
    with torch.no_grad():
        for weight in detector.parameters():
            weight.zero_()
    save_bundle(folder, detector, Bundle("spire", NETWORK, Rules(threshold=threshold)))
    return register(store, variant_run(store, "tiny", "spire", "blind"), folder, {"irstd.variant": "blind"})


def test_the_first_champion_is_the_best_within_the_budget(project: Path, ready: Settings, store: Store) -> None:
    assert current_verdicts(ready) is None
    outcome, found = promote(ready), record(project)
    assert (outcome.changed, outcome.before) == (True, None)
    assert outcome.champion is not None
    assert (outcome.champion.version, outcome.champion.variant) == ("1", "spire")
    by_variant = {row["variant"]: row for row in found["candidates"]}
    assert by_variant["tophat"]["rules"] == ["untrained"]
    assert by_variant["tophat"]["version"] is None
    assert by_variant["spire"]["champion"]
    assert by_variant["spire"]["rules"][0] == "first"
    assert len(by_variant["spire"]["rules"]) == len(by_variant["spire"]["reasons"])
    assert found["champion"] == {"version": "1", "variant": "spire"}
    assert (found["previous"], found["split"], found["action"]) == (None, "val", "promoted by the gate")
    assert found["definition"] == "hse-2"
    today = found["comparison"]["models"][0]["figures"]["hse_2"]["value"]
    assert today == pytest.approx(by_variant["spire"]["score_val"], abs=1e-6)
    assert found["lineage"]["dataset"] == "tiny, unversioned"
    kept = current_verdicts(ready)
    assert kept is not None
    assert [(each.candidate.bundle, each.champion, each.why) for each in kept] == [
        (each.candidate.bundle, each.champion, each.why) for each in outcome.verdicts
    ]


def test_the_version_tells_why_and_out_of_what(ready: Settings, store: Store) -> None:
    version = store.client.get_model_version("irstd", "1")
    lines = str(version.description).splitlines()
    assert lines[0] == "# spire, version 1: promoted by the gate"
    assert "| test (reported only) |" in str(version.description)
    assert "- dataset: tiny, unversioned" in lines
    assert version.tags["irstd.verdict"] == "promoted by the gate"
    assert (version.tags["irstd.variant"], version.tags["irstd.detector"]) == ("spire", "spire")
    assert store.client.get_run(str(version.run_id)).data.tags["irstd.detector"] == "spire"
    assert float(version.tags["irstd.parameters"]) == pytest.approx(294_753, rel=1e-5)
    (entry,) = registry_state(store).history
    assert (entry.version, entry.before, entry.action, entry.state) == ("1", None, "promoted by the gate", "done")
    assert entry.why.startswith("spire: HSE-2 ")


def test_again_nothing_changes(project: Path, ready: Settings, store: Store) -> None:
    before, then = registry_state(store), record(project)
    outcome = promote(ready)
    assert not outcome.changed
    assert outcome.champion == outcome.before
    assert registry_state(store) == before
    now = record(project)
    assert (now["champion"], now["comparison"], now["action"]) == (then["champion"], None, "champion kept")
    assert [row["latency_ms"] for row in now["candidates"]] == [row["latency_ms"] for row in then["candidates"]]
    assert current_verdicts(ready) is not None


def test_a_champion_that_does_not_load_is_registered_anew(project: Path, ready: Settings, store: Store) -> None:
    before = registry_state(store)
    shutil.rmtree(project / "var/mlartifacts")
    with pytest.raises(RegistryError, match=r"models:/irstd/1: .*bundle.json is missing"):
        promote_version(ready, "1", None, list[str]().append)
    promote(ready)
    assert load_version(store, "1").bundle.detector == "spire"
    assert registry_state(store) == before


def test_a_rolled_back_version_does_not_come_back_by_itself(
    project: Path, ready: Settings, store: Store, tmp_path: Path
) -> None:
    set_champion(store, blind(store, tmp_path / "blind"), "promoted by a person", "a try", "1")
    roll_back(store, "it finds nothing")
    assert registry_state(store).champion == "1"
    set_champion(store, get_version(store, "2"), "promoted by a person", "another try", "1")
    outcome = promote(ready)
    assert registry_state(store).champion == "1"
    assert rules(outcome.verdicts[1])[0] == "gain"
    assert outcome.before is not None
    assert (outcome.before.version, outcome.before.variant) == ("2", "blind")
    assert record(project)["previous"] == {"version": "2", "variant": "blind"}
    roll_back(store, "I want the blind one")
    outcome = promote(ready)
    assert registry_state(store).champion == "2"
    assert rules(outcome.verdicts[1]) == ["withdrawn"]
    assert outcome.verdicts[1].why.endswith(": I want the blind one")
    assert get_version(store, "1").tags["irstd.verdict"] == "rolled back"
    set_champion(store, get_version(store, "1"), "promoted by a person", "it was good", "2")


def test_what_is_not_better_beyond_chance_is_refused_and_is_the_challenger(
    project: Path, ready: Settings, store: Store, tmp_path: Path
) -> None:
    champion = registry_state(store).champion
    asks_more = replace(ready, gate=replace(ready.gate, min_gain=99.0))
    set_champion(store, blind(store, tmp_path / "blind", 0.4), "promoted by a person", "a low bar", champion)
    assert current_verdicts(asks_more) is None
    promote(asks_more)
    assert registry_state(store).aliases == {"champion": "3", "previous": "1", "challenger": "1"}
    found = record(project)
    assert found["candidates"][1]["rules"] == ["min_gain"]
    assert [model["name"] for model in found["comparison"]["models"]] == ["3", "1"]
    assert get_version(store, "1").tags["irstd.verdict"] == "refused"
    assert current_verdicts(asks_more) is not None
    promote(ready)
    assert registry_state(store).aliases == {"champion": "1", "previous": "3"}


def test_a_person_is_told_what_the_gate_says_and_may_override_it(project: Path, ready: Settings, store: Store) -> None:
    before, said = registry_state(store), list[str]()
    refused = promote_version(ready, "2", None, said.append)
    assert not refused.changed
    assert rules(refused.verdicts[0])[0] in ("min_gain", "least_pd")
    assert said == ["version 1 is scored on validation", "version 2 is scored on validation"]
    assert registry_state(store) == before
    with pytest.raises(RegistryError, match="version 1 is champion already; nothing changed"):
        promote_version(ready, "1", None, said.append)
    forced = promote_version(ready, "2", "a drill", said.append)
    assert forced.changed
    assert rules(forced.verdicts[0])[0] == "override"
    assert "a drill" in forced.verdicts[0].reasons[0].text
    assert registry_state(store).aliases == {"champion": "2", "previous": "1"}
    found = record(project)
    assert (found["action"], found["champion"]["version"]) == ("promoted by a person", "2")
    assert found["candidates"][0]["rules"][0] == "override"
    assert (
        str(store.client.get_model_version("irstd", "2").description).splitlines()[0]
        == "# blind, version 2: promoted by a person"
    )
    entry = roll_back_champion(ready, "the drill is over")
    assert (entry.version, entry.before) == ("1", "2")
    found = record(project)
    assert (found["action"], found["why"], found["champion"]["version"]) == ("rolled back", "the drill is over", "1")
    assert (
        str(store.client.get_model_version("irstd", "2").description).splitlines()[0]
        == "# blind, version 2: rolled back"
    )
    assert current_verdicts(ready) is None


def test_a_score_of_other_frames_is_no_score(project: Path, ready: Settings, store: Store) -> None:
    path = project / "outputs/tiny/scores/spire/score.json"
    content = path.read_text()
    card = json.loads(content)
    before = registry_state(store)
    path.write_text(json.dumps({**card, "evaluation_set": {**card["evaluation_set"], "val": "0" * 64}}))
    try:
        with pytest.raises(DataError, match="scored on another validation set than data/prepared/tiny has; run `dvc"):
            promote(ready)
        path.write_text(json.dumps({**card, "val": {**card["val"], "hse_2": card["val"]["hse_2"] + 1}}))
        set_champion(store, get_version(store, "3"), "promoted by a person", "to be challenged", "1")
        assert "round_trip" in rules(promote(ready).verdicts[1])
        path.write_text(json.dumps({**card, "val": {**card["val"], "hse_2": None}}))
        with pytest.raises(DataError, match=r"spire/score\.json: was written before HSE-2, .*; evaluate spire again"):
            promote(ready)
    finally:
        path.write_text(content)
    assert before.champion == "1"
    assert registry_state(store).champion == "3"
