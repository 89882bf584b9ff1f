import json
from pathlib import Path

import pytest

from irstd.settings.load import load_settings
from tests.cli.running import fails, run

ROOT = Path(__file__).parents[2]


def test_the_page_of_settings_is_up_to_date() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert run("config", "--markdown").out == page.splitlines(), "irstd config --markdown > docs/settings.md"


def test_outside_a_project_there_are_no_values() -> None:
    ran = run("config", "gate")
    assert (ran.code, ran.err) == (0, [])
    assert ran.out[1].split()[0] == "setting"
    assert "set by" not in ran.out[1]
    assert any(line.startswith("pd_loss") for line in ran.out)


def test_in_a_project_values_are_told_with_their_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "docs")
    (row,) = json.loads("\n".join(run("config", "labels.size", "--json").out))
    assert row["name"] == "labels.size"
    settings = load_settings(ROOT / "params.yaml")
    source = f"profiles/{settings.profile}.yaml"
    assert row["values"] == [{"value": str(settings.labels.size), "source": source, "variant": ""}]
    table = [line.split() for line in run("config", "train.steps").out]
    assert table[2][:3] == ["steps", str(settings.train.steps), source]
    assert ["spire", str(settings.train_for("spire").steps)] in [words[:2] for words in table]


def test_settings_of_a_detector() -> None:
    rows = json.loads("\n".join(run("config", "model.tophat", "--json").out))
    assert [row["name"] for row in rows] == ["model.kernel", "model.half_snr"]


@pytest.mark.parametrize(
    ("section", "meant"), [("trian", "train"), ("train.stepz", "train.steps"), ("learning_rate", "train.learning_rate")]
)
def test_an_unknown_section_is_one_line_with_the_closest(section: str, meant: str) -> None:
    said = fails("config", section)
    assert f"did you mean {meant}?" in said
    assert len(said) < 300
