"""Every stage, as a real flow on real services, given nothing but the sections that dvc.yaml says it reads."""

import csv
import json
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from irstd.project.environment import find_root
from irstd.settings.project import Settings
from irstd.settings.variants import Variant
from irstd.tracking.runs import find_runs
from irstd.tracking.store import open_store
from pipelines.code import write_digests
from pipelines.evaluate import evaluate
from pipelines.prepare import prepare
from pipelines.promote import promote
from pipelines.report import report
from pipelines.train import train
from pipelines.tune import tune

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("services")]

ROOT = Path(__file__).parents[2]
WRITTEN = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
STAGES: dict[str, dict[str, Any]] = {name: stage.get("do", stage) for name, stage in WRITTEN.items()}
SectionT = TypeVar("SectionT")
DETECTORS = ("tophat", "spire")


class Undeclared:
    """Stands in for a section that a stage does not name in dvc.yaml: reading it fails."""

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise AssertionError(f"the stage reads {self.__dict__['name']}.{attribute}, which dvc.yaml does not list")

    def __iter__(self) -> Any:
        raise AssertionError(f"the stage reads {self.__dict__['name']}, which dvc.yaml does not list")


def unchecked(section: SectionT, values: dict[str, Any]) -> SectionT:
    """A copy with other values, which need not be allowed."""
    copied = copy(section)
    for name, value in values.items():
        object.__setattr__(copied, name, value)
    return copied


def declared(settings: Settings, stage: str, variant: str = "") -> Settings:
    """The settings with everything but the declared sections of a stage replaced by `Undeclared`."""
    listed: list[str] = []
    for name in STAGES[stage]["params"]:  # a name of params.yaml, or a profile's names
        listed += [name] if isinstance(name, str) else next(iter(name.values()))
    names = [name.replace("${item.variant}", variant).replace("${key}", variant) for name in listed]
    known: dict[str, Any] = {}
    for section in vars(settings):
        value = getattr(settings, section)
        inner = [name.split(".", 1)[1] for name in names if name.startswith(f"{section}.")]
        if section in names:
            known[section] = value
        elif inner and section in ("variants", "references"):
            known[section] = {name: value[name] for name in inner}
        elif inner:
            others = {name: Undeclared(f"{section}.{name}") for name in vars(value) if name not in inner}
            known[section] = unchecked(value, others)
        else:
            known[section] = Undeclared(section)
    return unchecked(settings, known)


def test_the_stages_in_their_order(project: Path, settings: Settings) -> None:
    write_digests(settings)
    prepare(declared(settings, "prepare"))
    for variant in DETECTORS:
        tune(declared(settings, "tune", variant), variant)
        train(declared(settings, "train", variant), variant)
        evaluate(declared(settings, "evaluate", variant), variant)
    twin = declared(settings, "reference", "twin")
    evaluate(twin, "twin", twin.references["twin"])
    report(declared(settings, "report"))
    for stage, item in STAGES.items():
        for kind in ("outs", "metrics", "plots"):
            for out in item.get(kind, []):
                path = next(iter(out))
                for variant in DETECTORS:
                    named = path.replace("${dataset}", "tiny").replace("${item.variant}", variant)
                    named = named.replace("${key}", "twin")
                    assert (project / named).exists(), f"{stage} did not make {named}"


def test_the_search_and_the_scores_say_what_they_should(project: Path) -> None:
    search = json.loads((project / "outputs/tiny/search/spire.json").read_text())
    assert search["trials"][0]["draw"] == {}
    assert search["best"] in [trial["draw"] for trial in search["trials"]]
    card = json.loads((project / "outputs/tiny/scores/spire/score.json").read_text())
    assert card["parameters"] == 294_753
    assert (card["val"]["definition"], search["definition"]) == ("hse-1", "hse-2")
    bundle = json.loads((project / "outputs/tiny/bundles/spire/bundle.json").read_text())
    assert bundle["curve"]["frames"] == 3
    assert card["val"]["frames"] == card["test"]["frames"] == 3
    with (project / "outputs/tiny/curves/spire.csv").open() as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["2", "4"]


def test_two_variants_of_one_detector_learn_from_masks_and_from_points(project: Path, settings: Settings) -> None:
    """After the stages above: masks of the dataset, and those made of its points, are two rows of a table."""
    own = {"acm": Variant(), "acm-points": Variant(detector="acm", train={"masks": "points"})}
    both = replace(settings, variants=own)
    taught = {}
    for name in own:
        for stage in (tune, train, evaluate):
            stage(both, name)
        bundle = json.loads((project / f"outputs/tiny/bundles/{name}/bundle.json").read_text())
        taught[name] = (bundle["detector"], bundle["data"]["masks"])
        score = json.loads((project / f"outputs/tiny/scores/{name}/score.json").read_text())
        assert score["test"]["ceiling"] is None  # nothing caps a detector of masks
    assert taught == {"acm": ("acm", "given"), "acm-points": ("acm", "points")}


def test_a_reference_is_scored_as_the_bundle_that_it_is(project: Path) -> None:
    twin, spire = (json.loads((project / f"outputs/tiny/scores/{n}/score.json").read_text()) for n in ("twin", "spire"))
    assert twin == {**spire, "variant": "twin", "reference": True}
    assert (
        "References, scored beside the variants and never promoted: twin."
        in (project / "reports/tiny/report.md").read_text()
    )


def test_promotion_registers_the_learned_bundle_and_is_idempotent(project: Path, settings: Settings) -> None:
    promote(settings)
    record = json.loads((project / "reports/promotion.json").read_text())
    by_variant = {row["variant"]: row for row in record["candidates"]}
    assert by_variant["tophat"]["rules"] == ["untrained"]
    assert by_variant["spire"]["champion"]
    assert record["champion"] == {"version": "1", "variant": "spire"}
    promote(settings)
    again = json.loads((project / "reports/promotion.json").read_text())
    assert again["champion"] == record["champion"]
    assert [row["latency_ms"] for row in again["candidates"]] == [row["latency_ms"] for row in record["candidates"]]


def test_runs_are_in_mlflow_with_the_dataset_and_found_again(project: Path, settings: Settings) -> None:
    store = open_store(find_root(project))
    parents = find_runs(store, "tiny", {"irstd.kind": "variant"})
    trials = find_runs(store, "tiny", {"irstd.kind": "trial"})
    assert len(parents) == len((*DETECTORS, "twin", "acm", "acm-points"))
    before = {run.id for run in trials}
    tune(settings, "spire")
    assert {run.id for run in find_runs(store, "tiny", {"irstd.kind": "trial"})} == before
    spire = next(run for run in parents if store.client.get_run(run.id).data.tags["irstd.variant"] == "spire")
    found = store.client.get_run(spire.id)
    assert found.info.status == "FINISHED"
    assert found.inputs is not None
    assert found.inputs.dataset_inputs[0].dataset.name == "tiny"
    assert "val_hse" in found.data.metrics
    names = {item.path for item in store.client.list_artifacts(spire.id)}
    assert {"bundle", "curve", "evaluation", "report", "model"} <= names
    pictures = {item.path for item in store.client.list_artifacts(spire.id, "report")}
    assert {"report/report.html", "report/reliability.png", "report/cost.png"} <= pictures
    assert {"val_hse_2", "val/ap_pixel", "val/ap_target", "fit/loss", "cost/latency_ms"} <= set(found.data.metrics)
    assert [name for name in found.data.metrics if "latency" in name] == ["cost/latency_ms"]
    assert {"variant", "detector", "dataset", "profile", "seed", "train.steps", "model.color"} <= set(found.data.params)
    assert {store.client.get_run(run.id).info.run_name for run in trials} == {"trial 1", "trial 2"}
