"""params.yaml: what is read, and the place of everything that is wrong."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.utils.hydra import apply_overrides

from irstd.errors import SettingsError, UnknownNameError
from irstd.settings.labels import Labels
from irstd.settings.load import load_settings
from irstd.settings.search import Range, Tune
from irstd.settings.train import Train
from irstd.training.config import FitConfig
from irstd.training.profile import read_profile
from irstd.training.variant import fit_job

ROOT = Path(__file__).parents[2]
Edit = Callable[[dict[str, Any]], object]


def edited(folder: Path, edit: Edit) -> Path:
    content = yaml.safe_load((ROOT / "params.yaml").read_text())
    edit(content)
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(content))
    shutil.copytree(ROOT / "profiles", folder / "profiles", dirs_exist_ok=True)
    return path


def test_the_shipped_file_names_every_section() -> None:
    settings = load_settings(ROOT / "params.yaml")
    sections = {field.name for field in fields(settings)}
    assert set(yaml.safe_load((ROOT / "params.yaml").read_text())) == sections - {"detectors"}


def test_a_fit_has_the_defaults_of_the_section_train() -> None:
    assert FitConfig.of(Train()) == FitConfig()


def test_a_null_that_a_setting_cannot_have_leaves_the_profile_s(tmp_path: Path) -> None:
    shipped = load_settings(edited(tmp_path, lambda content: content.update(train={})))
    nothing = {"steps": None, "batch": None}
    assert load_settings(edited(tmp_path, lambda content: content.update(train=nothing))) == shipped
    assert load_settings(edited(tmp_path, lambda content: content.update(train={"crop": None}))).train.crop is None
    with pytest.raises(SettingsError, match=r"train\.stesp: unknown name"):
        load_settings(edited(tmp_path, lambda content: content.update(train={"stesp": None})))


def test_dvc_s_overrides_reach_a_fit_as_the_file_suggests(tmp_path: Path) -> None:
    path = edited(tmp_path, lambda _: None)
    apply_overrides(str(path), ["train.steps=2000", "labels.size=128", "tune.trials=1", "+train.crop=64"])
    settings = load_settings(path)
    assert (settings.train.steps, settings.train.crop, settings.labels.size, settings.tune.trials) == (2000, 64, 128, 1)
    assert settings.train_for("spire").steps == 2000


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


def test_a_profile_has_training_settings_for_single_detectors(tmp_path: Path) -> None:
    def edit(content: dict[str, Any]) -> None:
        content["train"] = {"batch": 3}
        content["variants"] = {"acm": {}, "mine": {"detector": "fdep-acm", "train": {"crop": 96}}, "tophat": {}}

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
    _, train = read_profile(tmp_path / "profiles" / "demo.yaml", "fdep-acm", {"batch": 3})
    assert (train.crop, train.batch, train.jitter, train.loss) == (32, 3, 0.25, None)


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_profile_is_the_same_in_the_pipeline_and_outside_it(path: Path, tmp_path: Path) -> None:
    settings = load_settings(edited(tmp_path, lambda content: content.update(profile=path.stem)))
    labels, train = read_profile(path, "spire", {})
    assert labels == Labels(settings.labels.response, settings.labels.size)
    job = fit_job(settings, "spire", settings.compute.fit)
    compute = settings.compute
    config = FitConfig.of(train, seed=compute.seed, threads=compute.fit.cpus, decides=settings.budget.figure)
    assert job.config == config


def test_a_search_draws_from_ranges_and_lists() -> None:
    variants = load_settings(ROOT / "params.yaml").variants
    assert variants["spire"].spaces() == {"train.learning_rate": Range(0.002, 0.008, log=True)}
    assert variants["tophat"].spaces()["model.kernel"] == [3, 5, 7, 9, 11, 15]


def test_a_number_without_a_point_is_a_number(tmp_path: Path) -> None:
    path = edited(tmp_path, lambda content: content.update(train={}))
    path.write_text(path.read_text().replace("train: {}", "train: {learning_rate: 1e-4}"))
    assert load_settings(path).train.learning_rate == 1e-4


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("trian: {}", ["trian"]),
        ("train: {stepz: 3}", ["train.stepz"]),
        ("train: {batch: 0, crop: 33}", ["train.batch", "train.crop"]),
        ("train: [", [""]),
        ("- 1", [""]),
        ("detectors: {spire: {croop: 3}, acm: {steps: 0}}", ["detectors.spire.croop", "detectors.acm.steps"]),
        (None, [""]),
    ],
)
def test_a_fault_of_the_profile_names_its_file(tmp_path: Path, text: str | None, places: list[str]) -> None:
    path = edited(tmp_path, lambda content: None)
    profile = tmp_path / "profiles" / "demo.yaml"
    profile.unlink()
    if text is not None:
        profile.write_text(text)
    assert_places(path, profile, places)


def assert_places(path: Path, file: Path, places: list[str]) -> None:
    """The settings in `path` have exactly these faults in `file`, on one line."""
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert "\n" not in message
    said = message.split(f"{file}: ")[1:]
    assert [line.split(": ")[0] for line in said if places != [""]] == [place for place in places if place]
    assert len(said) == len(places)


@pytest.mark.parametrize(
    ("edit", "places"),
    [
        (lambda c: c.update(detectors={}), ["detectors"]),
        (lambda c: c.update(trian={}), ["trian"]),
        (lambda c: c["train"].update(stepz=3, batch="many"), ["train.batch", "train.stepz"]),
        (lambda c: c["train"].update(stepz=3, batch=0), ["train.batch", "train.stepz"]),
        (lambda c: c.update(references={"a/b": "x"}), ["references.a/b"]),
        (lambda c: c["variants"].update({"../x": {}}), ["variants.../x"]),
        (lambda c: c["variants"].update({"acm.v2": {"detector": "tophat"}}), ["variants.acm.v2"]),
        (lambda c: c["variants"].update({"acm 2": {"detector": "tophat"}}), ["variants.acm 2"]),
        (lambda c: c["variants"].update({"acm@2": {"detector": "tophat"}}), ["variants.acm@2"]),
        (lambda c: c["variants"].update({"acm-2_b": {"detector": "tophat"}, "acm/": {}}), ["variants.acm/"]),
        (lambda c: c.update(references={"acm.v2": "x"}), ["references.acm.v2"]),
        (lambda c: c["train"].update(steps=0, batch=0), ["train.steps", "train.batch"]),
        (lambda c: c["train"].update(scale=[2, 1]), ["train.scale"]),
        (lambda c: c["variants"]["spire"].update(modle={}), ["variants.spire.modle"]),
        (lambda c: c["variants"]["spire"].update(trials=0), ["variants.spire.trials"]),
        (lambda c: c.update(profile="../mine"), ["profile"]),
        (lambda c: c.update(references={"spire": "x"}), ["references.spire"]),
        (lambda c: c["variants"]["spire"].update(train={"foo": 1}), ["variants.spire.train.foo"]),
        (lambda c: c["variants"]["spire"].update(train={"crop": 33}), ["variants.spire.train.crop"]),
        (
            lambda c: c["variants"]["spire"]["search"].update({"train.learning_rat": [1]}),
            ["variants.spire.search.train.learning_rat"],
        ),
        (
            lambda c: c["variants"]["spire"]["search"].update({"train.learning_rate": {"low": 3, "high": 1}}),
            ["variants.spire.search.train.learning_rate.low"],
        ),
        (
            lambda c: c["variants"]["spire"]["search"].update({"train.learning_rate": [0.1, 0]}),
            ["variants.spire.search.train.learning_rate"],
        ),
        (lambda c: c["variants"]["spire"]["search"].update(kernel=[1]), ["variants.spire.search.kernel"]),
        (
            lambda c: c["variants"]["spire"].update(train={"learning_rate": 0.01}),
            ["variants.spire.search.train.learning_rate"],
        ),
        (lambda c: c.update(variants=["spire"]), ["variants"]),
        (lambda c: c.update(variants={}), ["variants"]),
        (lambda c: c.update(train=3), ["train"]),
        (lambda c: c.update(dataset="../elsewhere"), ["dataset"]),
        (lambda c: c["compute"]["fit"].update(cpus=0), ["compute.fit.cpus"]),
        (lambda c: c["compute"]["fit"].update(gpus=1.5), ["compute.fit.gpus"]),
        (lambda c: c["compute"]["fit"].update(gpus=float("inf")), ["compute.fit.gpus"]),
        (lambda c: c["labels"].update(response="blob"), ["labels.response"]),
        (lambda c: c["retrain"].update(cron="daily"), ["retrain.cron"]),
        (lambda c: c["retrain"]["drift"].update(alpha=0), ["retrain.drift.alpha"]),
        (lambda c: c["budget"].update(gmac=True), ["budget.gmac"]),
    ],
)
def test_every_fault_is_named_by_its_place(tmp_path: Path, edit: Edit, places: list[str]) -> None:
    path = edited(tmp_path, edit)
    assert_places(path, path, places)


def test_the_closest_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="did you mean steps"):
        load_settings(edited(tmp_path, lambda c: c["train"].update(stepz=3)))


@pytest.mark.parametrize("text", [None, "dataset: [", "- 1"])
def test_a_file_without_settings(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "params.yaml"
    if text is not None:
        path.write_text(text)
    assert_places(path, path, [""])


HOSTILE = {
    "deep": "gate: " + "[" * 5000 + "]" * 5000,
    "deeper": "gate: " + "{a: " * 60_000,
    "within recursion": "gate: {least_pd: " + "[" * 50 + "]" * 50 + "}",
    "thousands of digits": f"compute: {{seed: {'9' * 5000}}}",
    "thousands of sixties": f"compute: {{seed: {'9:' * 3000}1}}",
    "beyond 64 bit": f"compute: {{seed: {2**64}}}",
    "infinite": "gate: {min_gain: .inf}",
    "no number": "variants: {spire: {model: {color: .nan}}}",
    "huge": "train: {steps: 1e300}",
    "an impossible date": "gate: {min_gain: 2001-99-99}",
    "aliases without end": "x0: &x0 [a, a]\n" + "\n".join(f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]" for n in range(1, 60)),
    "an alias of itself": "gate: &a [*a]",
    "half of a character": r'gate: {min_gain: "\ud800"}',
    "a date for a name": "gate: {2001-01-01: 1}",
    "a list for a name": "gate: {? [1] : 1}",
    "bytes for a name": "gate: {!!binary aGk=: 1}",
    "too long": "# " + "x" * 300_000,
    "no UTF-8": "# caf\udce9",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_one_line(tmp_path: Path, kind: str) -> None:
    path = edited(tmp_path, lambda c: [c.pop(name) for name in ("gate", "compute", "train")])
    path.write_bytes(path.read_bytes() + HOSTILE[kind].encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert len(message) < 300 + len(str(path))


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "params.yaml")
    with pytest.raises(SettingsError, match="FIFO"):
        load_settings(tmp_path / "params.yaml")


def test_numbers_as_people_write_them_are_numbers(tmp_path: Path) -> None:
    path = edited(tmp_path, lambda c: c["variants"].update(spire={"search": {"train.weight_decay": "HERE"}}))
    text = path.read_text()
    path.write_text(text.replace("HERE", "[1e-3, 1E-4, 1.e-5, +2e-05, 3]"))
    assert load_settings(path).variants["spire"].spaces() == {"train.weight_decay": [1e-3, 1e-4, 1e-5, 2e-5, 3]}
    path.write_text(text.replace("HERE", "{low: 1e-6, high: 1e-3, log: true}"))
    assert load_settings(path).variants["spire"].spaces() == {"train.weight_decay": Range(1e-6, 1e-3, log=True)}
    path.write_text(text.replace("HERE", "['1e-3']"))
    assert_places(path, path, ["variants.spire.search.train.weight_decay"])


def test_a_variant_that_is_not_there() -> None:
    with pytest.raises(UnknownNameError, match="did you mean spire"):
        load_settings(ROOT / "params.yaml").train_for("spir")


def test_settings_are_read_without_torch() -> None:
    code = "import sys, irstd.settings.load; print({'torch', 'numpy', 'ray', 'mlflow', 'prefect'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
