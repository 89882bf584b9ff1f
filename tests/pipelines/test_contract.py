"""dvc.yaml, params.yaml and the code hold together."""

import configparser
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from irstd.project.paths import CODE, Layout
from irstd.settings.project import Profile, Settings

ROOT = Path(__file__).parents[2]
WRITTEN: dict[str, dict[str, Any]] = {
    name: stage
    for file in ("dvc.yaml", "data/dvc.yaml")
    for name, stage in yaml.safe_load((ROOT / file).read_text())["stages"].items()
}
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
    assert outs("prepare") == {str(where.prepared), str(where.audit)}
    assert outs("tune") == {str(where.search("v"))}
    assert outs("train") == {str(where.bundle("v")), str(where.curve("v"))}
    assert {Path(out).parent for out in outs("evaluate")} == {where.scores("v")}
    assert outs("report") == {str(where.report)}
    assert outs("demo") == {str(Layout("demo").raw)}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_names_only_sections_that_exist(stage: str) -> None:
    for name in STAGES[stage].get("params", []):
        if isinstance(name, dict):
            ((file, sections),) = name.items()
            assert file == "profiles/${profile}.yaml"
            assert set(sections) <= {field.name for field in fields(Profile)}
            own = {*STAGES[stage]["params"][: STAGES[stage]["params"].index(name)], "detectors"}
            assert set(sections) <= own  # params.yaml says of a detector what it has to say in `variants`
        else:
            assert name.split(".")[0] in {field.name for field in fields(Settings)}


@pytest.mark.parametrize("stage", [name for name in STAGES if name != "code"])
def test_a_stage_depends_on_the_digest_of_its_code_and_on_no_file_of_it(stage: str) -> None:
    deps = STAGES[stage]["deps"]
    each = {"reference": "evaluate/${key}"}.get(
        stage, f"{stage}/${{item.variant}}" if "matrix" in STAGES[stage] else stage
    )
    assert (CODE / each).as_posix() in deps
    assert not [path for path in deps if path.startswith(("irstd", "pipelines"))]


def test_the_digests_are_always_made_anew() -> None:
    assert STAGES["code"]["always_changed"] is True
    assert outs("code") == {CODE.as_posix()}


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


def test_plots_are_pictures_of_the_report_on_a_page_without_scripts() -> None:
    content = yaml.safe_load((ROOT / "dvc.yaml").read_text())
    assert content["plots"]
    assert all(plot.startswith("reports/${dataset}/") and plot.endswith(".png") for plot in content["plots"])
    assert not [name for name, stage in STAGES.items() if stage.get("plots")]
    config = configparser.ConfigParser()
    config.read(ROOT / ".dvc/config")
    page = (ROOT / ".dvc" / config["plots"]["html_template"]).read_text()
    assert "{plot_divs}" in page
    assert "http" not in page
    assert "script" not in page
