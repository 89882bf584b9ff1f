"""The team's project: a clone with enough frames that scoring has work for two machines."""

from pathlib import Path

import yaml

from irstd.curation.demo import make_demo
from tests.pipelines.conftest import lay_out
from tests.road.project import clone, git

FRAMES = 100
"""A fifth is for validation, and a task scores 16 frames."""
_STEPS = 20


def team_project(folder: Path) -> Path:
    """Return a clone whose dataset is versioned by DVC, as a laptop has it before its first push."""
    folder.mkdir(parents=True)
    return clone(folder, _lay_out)


def commit(project: Path, message: str) -> None:
    """Commit whatever changed."""
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--allow-empty", "--message", message)


def _lay_out(folder: Path) -> Path:
    make_demo(folder / "data/raw/tiny", FRAMES, 3)
    params = lay_out(folder) / "params.yaml"
    content = yaml.safe_load(params.read_text())
    del content["variants"]["tophat"]  # another row of the table, and nothing that the services would notice
    content["references"] = {}
    content["tune"].update(steps=_STEPS)
    content["train"].update(steps=_STEPS, validate_every=_STEPS)
    content["compute"].update(evaluate={"cpus": 1, "gpus": 0})
    content["retrain"] = {**(content.get("retrain") or {}), "settle_s": 0}
    params.write_text(yaml.safe_dump(content, sort_keys=False))
    return folder
