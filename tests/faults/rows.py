"""Which command meets which disk: a row a kind of fault, with as many tries as it has rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.faults.disk import Case

_CLI = ("-m", "irstd.cli")
_OTHER = {"compute.seed": 7, "train.steps": 5, "tune.steps": 3, "evaluate.overlays": 1, "labels.size": 96}
"""Settings by which every stage makes something else than what is there."""
_NEW = ("var/mlflow*", "var/mlartifacts", "var/fits", "var/ray")
_IMPORT = (*_CLI, "data", "import", "data/raw/tiny", "--name", "other")
_DETECT = (*_CLI, "detect", "data/raw/tiny/images", "--model", "outputs/tiny/bundles/tophat", "--out", "found")
_JOB = ("-m", "pipelines.reproduce", "--promote")


@dataclass(frozen=True)
class Row:
    """Tries that differ in the room that is left.

    Attributes:
        what: the command, in words.
        command: arguments of Python.
        where: what lies on the disk in question, as `Case` has it.
        rooms: KiB that are left of a full one; one number for a disk that is read-only.
        kind, given, params, without: as `Case` has them.
        own: whether the command starts its own Prefect server, for that is what meets the disk.
    """

    what: str
    command: Sequence[str]
    where: str = "."
    rooms: Sequence[int] = (0,)
    kind: Literal["full", "read-only"] = "full"
    given: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    without: Sequence[str] = ()
    own: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {'the project' if self.where == '.' else self.where} {self.kind}"

    def cases(self, project: str, prefect: Mapping[str, str]) -> list[Case]:
        """The tries on `project`; only the first is done again with space. `prefect` says where a server is."""
        given = {**({} if self.own else prefect), **self.given}
        return [
            Case(project, self.command, self.kind, self.where, room, given, self.params, self.without, again=first == 0)
            for first, room in enumerate(self.rooms)
        ]


def both(what: str, command: Sequence[str], where: str = ".", rooms: Sequence[int] = (0,), **rest: Any) -> list[Row]:
    """A row for a full disk and one for a read-only one."""
    return [Row(what, command, where, rooms, **rest), Row(what, command, where, kind="read-only", **rest)]


QUICK = [
    *both("prepare", ("-m", "pipelines.prepare"), rooms=(0, 200), params=_OTHER),
    Row("import", _IMPORT, "data/raw", (60,)),
    Row("import", _IMPORT, "data/raw", kind="read-only"),
    Row("detect", _DETECT, rooms=(200,)),
    Row("detect", _DETECT, kind="read-only"),
    *both("models rollback", (*_CLI, "models", "rollback"), "var"),
    Row("models rollback", (*_CLI, "models", "rollback"), "reports", kind="read-only"),
    Row("main job", _JOB, kind="read-only"),
    Row("main job", _JOB, "var/prefect", own=True),
    Row("main job", _JOB, "/tmp/ray"),
]
"""On the project that is `begun`: seconds each."""

FULLER = [
    *both("tune", ("-m", "pipelines.tune", "spire"), rooms=(0, 100, 300, 600), params=_OTHER),
    *both("train", ("-m", "pipelines.train", "spire"), rooms=(0, 100, 400, 800), params=_OTHER),
    Row("train", ("-m", "pipelines.train", "spire"), "outputs", kind="read-only", params=_OTHER),
    *both("evaluate", ("-m", "pipelines.evaluate", "spire"), rooms=(0, 60, 120), params=_OTHER),
    *both("report", ("-m", "pipelines.report"), rooms=(0, 200)),
    *both("promote", ("-m", "pipelines.promote"), rooms=(0, 300, 900, 1800), without=_NEW),
    Row("promote", ("-m", "pipelines.promote"), "reports", kind="read-only", without=_NEW),
    Row("promote", ("-m", "pipelines.promote"), "var/mlartifacts", kind="read-only"),
    Row("main job", _JOB, rooms=(0, 1000, 3000), params=_OTHER, own=True),
    *both("main job", _JOB, ".dvc/cache", params={"evaluate.overlays": 1}),
    Row("main job", _JOB, "var", kind="read-only", params={"evaluate.overlays": 1}, own=True),
    Row("main job", _JOB, "var/prefect", (9000,), params=_OTHER, without=("var/prefect/*",), own=True),
    Row("main job", _JOB, "/tmp/ray", (2000,), params={"evaluate.overlays": 1}),
    Row("retrain", ("-m", "pipelines.retrain"), rooms=(0, 800, 2500)),
    Row("retrain", ("-m", "pipelines.retrain"), "data", kind="read-only"),
    *both("ingest", ("-m", "pipelines.ingest", "data/raw/tiny", "--name", "other"), rooms=(0, 400, 1100)),
    *both("ingest", ("-m", "pipelines.ingest", "data/raw/tiny", "--name", "other"), ".dvc/cache"),
]
"""On the project that has `gone_all_the_way`: half a minute each."""
