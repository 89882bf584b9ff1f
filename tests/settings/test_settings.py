"""params.yaml: what is read, and the one line for everything that is wrong."""

import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from irstd.errors import SettingsError, UnknownNameError
from irstd.settings import Train, Tune, load_settings
from irstd.training.config import FitConfig
from irstd.training.profile import LabelRule, read_profile
from pipelines.jobs import fit_job

ROOT = Path(__file__).parents[2]
Edit = Callable[[dict[str, Any]], object]


def edited(folder: Path, edit: Edit) -> Path:
    content = yaml.safe_load((ROOT / "params.yaml").read_text())
    edit(content)
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(content))
    shutil.copytree(ROOT / "profiles", folder / "profiles", dirs_exist_ok=True)
    return path


def test_shipped_file_is_valid_and_names_the_sections_of_the_design() -> None:
    settings = load_settings(ROOT / "params.yaml")
    assert list(type(settings).model_fields) == [
        "dataset", "profile", "variants", "references", "labels", "tune", "train", "detectors", "evaluate", "budget",
        "gate", "retrain", "compute",
    ]  # fmt: skip
    assert set(yaml.safe_load((ROOT / "params.yaml").read_text())) == set(type(settings).model_fields) - {"detectors"}


def test_the_defaults_of_a_fit_are_those_outside_the_pipeline() -> None:
    given, outside = Train().model_dump(), asdict(FitConfig())
    assert given == {name: outside[name] for name in given}
    assert set(outside) - set(given) == {"seed", "label", "threads", "device", "row_every"}


def test_a_variant_overrides_the_section_which_overrides_the_profile(tmp_path: Path) -> None:
    def edit(content: dict[str, Any]) -> None:
        content["train"] = {"steps": 70, "batch": 4}
        content["variants"]["spire"]["train"] = {"steps": 5}

    path = edited(tmp_path, edit)
    (tmp_path / "profiles" / "demo.yaml").write_text("train: {steps: 9000, batch: 8, crop: 64}\nlabels: {size: 96}\n")
    settings = load_settings(path)
    assert settings.train_for("spire").steps == 5
    assert settings.train_for("tophat").steps == 70
    assert settings.train_for("tophat").batch == 4
    assert settings.train_for("tophat").crop == 64
    assert settings.labels.size == 96
    assert settings.tune == Tune()


def test_a_profile_may_say_what_single_detectors_train_with(tmp_path: Path) -> None:
    def edit(content: dict[str, Any]) -> None:
        content["train"] = {"batch": 3}
        content["variants"] = {"acm": None, "mine": {"detector": "fdep-acm", "train": {"crop": 96}}, "tophat": None}
        content["variants"] = {name: own or {} for name, own in content["variants"].items()}

    path = edited(tmp_path, edit)
    (tmp_path / "profiles" / "demo.yaml").write_text(
        "train: {batch: 8, crop: 64, loss: soft_iou}\n"
        "detectors: {'*acm': {crop: 32, batch: 2, jitter: 0.5}, fdep-*: {jitter: 0.25, loss: null}}\n"
    )
    settings = load_settings(path)
    found = {name: settings.train_for(name) for name in settings.variants}
    assert [(own.crop, own.batch, own.jitter, own.loss) for own in found.values()] == [
        (32, 3, 0.5, "soft_iou"),
        (96, 3, 0.25, None),  # its own over the later pattern, over the earlier one, over all
        (64, 3, 0.0, "soft_iou"),
    ]
    assert settings.detector_of("mine") == "fdep-acm"
    _, config = read_profile(tmp_path / "profiles" / "demo.yaml", "fdep-acm", {"batch": 3})
    assert (config.crop, config.batch, config.jitter, config.loss) == (32, 3, 0.25, None)


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_profile_is_valid_in_the_pipeline_and_outside_it(path: Path, tmp_path: Path) -> None:
    settings = load_settings(edited(tmp_path, lambda content: content.update(profile=path.stem)))
    labels, config = read_profile(path, "spire", {})
    assert labels == LabelRule(settings.labels.response, settings.labels.size)
    job = fit_job(settings, "spire", settings.compute.fit)
    assert job.config == replace(config, seed=settings.compute.seed, threads=settings.compute.fit.cpus)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trian: {}", r"profiles/demo.yaml: trian: unknown name; did you mean train\?"),
        ("train: {stepz: 3}", r"profiles/demo.yaml: train.stepz: unknown name; did you mean steps\?"),
        ("train: [", r"profiles/demo.yaml: is no YAML"),
        ("- 1", r"profiles/demo.yaml: needs the sections labels, tune, train"),
        (
            "detectors: {spire: {croop: 3}}",
            r"profiles/demo.yaml: detectors.spire: croop: unknown name; did you mean crop",
        ),
        (None, r"profiles/demo.yaml: cannot be read \(No such file or directory\); known: "),
    ],
)
def test_a_fault_of_the_profile_names_its_file(tmp_path: Path, text: str | None, message: str) -> None:
    path = edited(tmp_path, lambda content: None)
    profile = tmp_path / "profiles" / "demo.yaml"
    profile.unlink()
    if text is not None:
        profile.write_text(text)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c.update(detectors={}), r"params.yaml: detectors: is a profile's; here it is variants.NAME.train"),
        (lambda c: c.update(trian={}), r"params.yaml: trian: unknown name; did you mean train\?"),
        (lambda c: c["train"].update(stepz=3), r"train.stepz: unknown name; did you mean steps\?"),
        (lambda c: c["train"].update(zzz=3), r"train.zzz: unknown name; known: batch, compile, crop"),
        (
            lambda c: c["variants"]["spire"].update(modle={}),
            r"variants.spire.modle: unknown name; did you mean model\?",
        ),
        (lambda c: c.update(profile="../mine"), r"profile: .*\(got '../mine'\)"),
        (lambda c: c.update(references={"spire": "x"}), r"references.spire: is a variant's name as well"),
        (lambda c: c["variants"]["spire"].update(train={"foo": 1}), r"variants.spire.train: foo: unknown name"),
        (
            lambda c: c["variants"]["spire"]["search"].update({"train.learning_rat": [1]}),
            r"variants.spire.search: learning_rat: unknown name; did you mean learning_rate\?",
        ),
        (
            lambda c: c["variants"]["spire"]["search"].update({"train.learning_rate": {"low": 3, "high": 1}}),
            r"search.train.learning_rate: low must be less than high",
        ),
        (lambda c: c["variants"]["spire"]["search"].update(kernel=[1]), r"searched names are model.SETTING or"),
        (lambda c: c["variants"]["spire"].update(train={"positive_weight": 1}), r"positive_weight is both fixed in"),
        (lambda c: c.update(variants=["spire"]), r"variants: needs a mapping of name to settings"),
        (lambda c: c.update(dataset="../elsewhere"), r"dataset: .*\(got '../elsewhere'\)"),
        (lambda c: c["compute"]["fit"].update(cpus=0), r"compute.fit.cpus: .*greater than or equal to 1 \(got 0\)"),
        (lambda c: c["compute"]["fit"].update(gpus=1.5), r"compute.fit: gpus must be a fraction of one or a whole"),
        (lambda c: c["labels"].update(response="blob"), r"labels.response: .*'prps' or 'gaussian'"),
    ],
)
def test_a_fault_is_one_line_that_names_it(tmp_path: Path, edit: Edit, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(edited(tmp_path, edit))
    assert "\n" not in str(caught.value)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = edited(tmp_path, lambda c: c["train"].update(stepz=3, batch="many"))
    with pytest.raises(SettingsError, match=r"train.batch: .*got 'many'.*train.stepz: unknown name"):
        load_settings(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "cannot be read"), ("dataset: [", "is no YAML"), ("- 1", "needs the sections dataset, profile, variants")],
)
def test_a_file_that_is_none(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "params.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(path)
    assert "\n" not in str(caught.value)


def test_a_variant_that_is_not_there() -> None:
    with pytest.raises(UnknownNameError, match="did you mean spire"):
        load_settings(ROOT / "params.yaml").train_for("spir")
