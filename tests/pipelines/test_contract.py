"""dvc.yaml, params.yaml and the code hold together."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import grimp
import pytest
import yaml

from irstd.project.paths import Layout
from irstd.settings.project import Profile, Settings

ROOT = Path(__file__).parents[2]
WRITTEN: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
STAGES = {name: stage.get("do", stage) for name, stage in WRITTEN.items()}
FLOWS = {name: "evaluate" if name == "reference" else name for name in STAGES}


def outs(stage: str) -> set[str]:
    found = set()
    for kind in ("outs", "metrics", "plots"):
        for out in STAGES[stage].get(kind, []):
            path = next(iter(out))
            found.add(path.replace("${dataset}", "d").replace("${item.variant}", "v"))
    return found


def test_the_layout_is_the_one_of_dvc_yaml() -> None:
    where = Layout("d")
    assert outs("prepare") == {str(where.prepared)}
    assert outs("tune") == {str(where.search("v"))}
    assert outs("train") == {str(where.bundle("v")), str(where.curve("v"))}
    assert {Path(out).parent for out in outs("evaluate")} == {where.scores("v")}
    assert outs("report") == {str(where.report)}
    assert outs("demo") == {str(Layout("demo").raw)}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_names_only_sections_that_exist(stage: str) -> None:
    for name in STAGES[stage]["params"]:
        if isinstance(name, dict):
            ((file, sections),) = name.items()
            assert file == "profiles/${profile}.yaml"
            assert set(sections) <= {field.name for field in fields(Profile)}
            own = {*STAGES[stage]["params"][: STAGES[stage]["params"].index(name)], "detectors"}
            assert set(sections) <= own  # params.yaml says of a detector what it has to say in `variants`
        else:
            assert name.split(".")[0] in {field.name for field in fields(Settings)}


@pytest.mark.parametrize("stage", STAGES)
def test_dependencies_are_there_and_hold_the_stages_own_flow(stage: str) -> None:
    here = [path for path in STAGES[stage]["deps"] if not path.startswith(("data/", "outputs/", "${"))]
    assert f"pipelines/{FLOWS[stage]}.py" in here
    for path in here:
        assert (ROOT / path).exists(), path


# What keeps books, reads settings or writes files decides no byte of an output.
OUTSIDE = {
    "irstd", "irstd.errors", "irstd.files", "irstd.project", "irstd.settings", "irstd.tracking",
}  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_dependencies_are_the_packages_that_the_stage_imports(stage: str) -> None:
    graph = grimp.build_graph("irstd", "pipelines")
    imported = graph.find_upstream_modules(f"pipelines.{FLOWS[stage]}")
    named = {path.replace("/", ".") for path in STAGES[stage]["deps"] if path.startswith("irstd")}
    packages = {".".join(module.split(".")[:2]) for module in imported if module.startswith("irstd")} - OUTSIDE
    assert {".".join(name.split(".")[:2]) for name in named} == packages


def test_variants_run_as_a_matrix_over_params() -> None:
    for stage in ("tune", "train", "evaluate"):
        assert STAGES[stage]["matrix"] == {"variant": "${variants}"}
        assert STAGES[stage]["cmd"].endswith("${item.variant}")


def test_a_reference_is_scored_as_a_variant_is() -> None:
    def plain(entry: Any, name: str, bundle: str) -> str:
        text = yaml.safe_dump({kind: entry[kind] for kind in ("cmd", "deps", "outs", "metrics")})
        return text.replace(bundle, "BUNDLE").replace(name, "NAME")

    assert WRITTEN["reference"]["foreach"] == "${references}"
    assert plain(STAGES["reference"], "${key}", "${item}") == plain(
        STAGES["evaluate"], "${item.variant}", "outputs/${dataset}/bundles/${item.variant}"
    )


def test_the_score_is_a_metric_outside_the_cache() -> None:
    (metric,) = STAGES["evaluate"]["metrics"]
    assert list(metric.values()) == [{"cache": False, "persist": True}]


@pytest.mark.parametrize("stage", STAGES)
def test_a_failed_run_leaves_what_an_earlier_one_made(stage: str) -> None:
    for kind in ("outs", "metrics", "plots"):
        for out in STAGES[stage].get(kind, []):
            assert next(iter(out.values()))["persist"] is True
