from dataclasses import fields
from pathlib import Path

import pytest

from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from irstd.settings.reference import Setting, SettingsGroup, settings_reference
from irstd.settings.resolved import DEFAULT, ResolvedValue, resolve
from irstd.settings.train import Train

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def groups() -> list[SettingsGroup]:
    return settings_reference()


def test_every_setting_is_listed_once_with_its_meaning_and_what_is_allowed(groups: list[SettingsGroup]) -> None:
    settings = {each.name: each for group in groups for each in group.settings}
    assert len(settings) == sum(len(group.settings) for group in groups)
    assert {name.partition(".")[0] for name in settings} == {each.name for each in fields(Settings)}
    assert {f"train.{each.name}" for each in fields(Train)} <= set(settings)
    assert {"retrain.drift.alpha", "compute.fit.gpus", "variants.NAME.search"} <= set(settings)
    assert all(each.meaning and each.allowed and "None" not in each.meaning for each in settings.values())


def test_meaning_default_and_range_are_those_of_the_dataclass(groups: list[SettingsGroup]) -> None:
    settings = {each.name: each for group in groups for each in group.settings}
    assert settings["train.crop"] == Setting(
        "train.crop",
        "side of a crop in px of the network's input; null: whole frames",
        "128",
        "a whole number, at least 32 and at most 4096 and a multiple of 4, or null",
    )
    assert settings["dataset"].default == ""
    assert settings["budget.metric"].allowed == "one of hse-2, hse-1, pixel, target, hse"
    assert settings["train.scale"].default == "[1.0, 1.15]"
    assert settings["train.scale"].allowed == "a list of 2, each a number, above 0"


def project(folder: Path) -> Path:
    (folder / "profiles").mkdir()
    (folder / "profiles/mine.yaml").write_text(
        "labels: {size: 64}\ntune: {trials: 5}\ntrain: {steps: 70, batch: 4}\n"
        "detectors: {spire: {steps: 60, learning_rate: 0.5, model: {centre: centroid}}}\n"
    )
    params = folder / "params.yaml"
    params.write_text(
        "dataset: few\nprofile: mine\ntrain: {batch: 2, crop: null}\ntune:\n"
        "variants:\n  a: {detector: spire, train: {crop: 32}, model: {color: rgb}}\n"
        "  b: {detector: tophat, trials: 1}\n"
    )
    return params


def test_each_value_is_told_with_the_file_that_sets_it(tmp_path: Path, groups: list[SettingsGroup]) -> None:
    params = project(tmp_path)
    values = resolve(groups, params)
    profile, detectors = "profiles/mine.yaml", "profiles/mine.yaml detectors"
    assert values["dataset"] == (ResolvedValue("few", "params.yaml"),)
    assert values["labels.size"] == (ResolvedValue("64", profile),)
    assert values["labels.response"] == (ResolvedValue("null", DEFAULT),)
    assert values["train.batch"] == (ResolvedValue("2", "params.yaml"),)
    assert values["train.steps"] == (ResolvedValue("70", profile), ResolvedValue("60", detectors, "a"))
    assert values["train.crop"] == (
        ResolvedValue("null", "params.yaml"),
        ResolvedValue("32", "params.yaml variants.a.train", "a"),
    )
    assert values["tune.trials"] == (
        ResolvedValue("5", profile),
        ResolvedValue("1", "params.yaml variants.b.trials", "b"),
    )
    assert values["variants.NAME.detector"] == (
        ResolvedValue("spire", "params.yaml", "a"),
        ResolvedValue("tophat", "params.yaml", "b"),
    )


def test_settings_of_a_detector_are_those_of_its_variants(tmp_path: Path) -> None:
    names = [Setting(f"model.{name}", "", "", "") for name in ("color", "centre", "size")]
    values = resolve([SettingsGroup("model.spire", "", names)], project(tmp_path))
    assert values["model.color"] == (ResolvedValue("rgb", "params.yaml variants.a.model", "a"),)
    assert values["model.centre"] == (ResolvedValue("centroid", "profiles/mine.yaml detectors", "a"),)
    assert values["model.size"] == ()


def test_what_is_told_is_what_a_variant_is_trained_with(groups: list[SettingsGroup]) -> None:
    settings = load_settings(ROOT / "params.yaml")
    values = resolve(groups, ROOT / "params.yaml")
    steps = {each.variant: int(each.value) for each in values["train.steps"]}
    for variant in settings.variants:
        assert steps.get(variant, steps[""]) == settings.train_for(variant).steps


def test_another_profile_can_take_the_place_of_the_one_that_is_named(tmp_path: Path) -> None:
    params = project(tmp_path)
    (tmp_path / "other.yaml").write_text("train: {steps: 8, batch: 9}\n")
    settings = load_settings(params, tmp_path / "other.yaml")
    assert (settings.profile, settings.train.steps, settings.train.batch) == ("other", 8, 2)
