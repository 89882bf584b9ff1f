"""The table of commands and faulty disks: a row a kind of fault, with a try for each place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.faults.disk import Case

_CLI = ("-m", "irstd.cli")
_OTHER = {"compute.seed": 7, "train.steps": 5, "tune.steps": 3, "evaluate.overlays": 1, "labels.size": 96}
"""Settings by which every stage makes something else than what is there."""
_RAY = {"RAY_TMPDIR": "/tmp/ray"}
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
        again: whether the first try is done again with space.
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
    again: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {'the project' if self.where == '.' else self.where} {self.kind}"

    def cases(self, project: str, prefect: Mapping[str, str]) -> list[Case]:
        """The tries on `project`; `prefect` says where a server is."""
        given = {
            **({} if self.own else prefect),
            **{name: value.format(project=project) for name, value in self.given.items()},
        }
        return [
            Case(
                project,
                self.command,
                self.kind,
                self.where,
                room,
                given,
                self.params,
                self.without,
                again=self.again and first == 0,
            )
            for first, room in enumerate(self.rooms)
        ]


def job(where: str, **rest: Any) -> Row:
    """A row of the main job, which would take long to end well."""
    return Row("main job", _JOB, where, again=False, **rest)


def both(what: str, command: Sequence[str], where: str = ".", rooms: Sequence[int] = (0,), **rest: Any) -> list[Row]:
    """A row for a full disk and one for a read-only one."""
    return [Row(what, command, where, rooms, **rest), Row(what, command, where, kind="read-only", **rest)]


QUICK = [
    Row("prepare", ("-m", "pipelines.prepare"), rooms=(200,), params=_OTHER),
    Row("models rollback", (*_CLI, "models", "rollback"), "reports", kind="read-only"),
]
"""On the project that is `begun`, in `make test`: a full disk and a read-only one."""

BEGUN = [
    *QUICK,
    Row("prepare", ("-m", "pipelines.prepare"), kind="read-only", params=_OTHER),
    Row("import", _IMPORT, "data/raw", (60,)),
    Row("detect", _DETECT, rooms=(200,)),
    Row("models rollback", (*_CLI, "models", "rollback"), "var"),
    job(".", kind="read-only"),
    Row("prepare", ("-m", "pipelines.prepare"), rooms=(0, 100, 400), params=_OTHER),
    Row("import", _IMPORT, "data/raw", kind="read-only"),
    Row("demo", (*_CLI, "data", "demo", "--frames", "5", "--name", "other"), "data/raw", (0, 30)),
    Row("check", (*_CLI, "data", "check", "tiny"), "reports", (0, 30)),
    Row("detect", _DETECT, rooms=(0, 60)),
    Row("detect", _DETECT, kind="read-only"),
    Row("models rollback", (*_CLI, "models", "rollback"), "var", kind="read-only"),
    Row("models rollback", (*_CLI, "models", "rollback"), "var/scratch", given={"TMPDIR": "{project}/var/scratch"}),
    Row("models promote", (*_CLI, "models", "promote", "1", "--override", "mine"), "var", kind="read-only"),
    job("var/prefect", own=True),
    job("var/prefect", kind="read-only", own=True),
    *[job("/tmp/ray", kind=kind, given=_RAY) for kind in ("full", "read-only")],
    *both("ingest", ("-m", "pipelines.ingest", "data/raw/tiny", "--name", "other"), rooms=(0, 400, 1100)),
    *both("ingest", ("-m", "pipelines.ingest", "data/raw/tiny", "--name", "other"), ".dvc/cache"),
]
"""The same project, in the table only."""

FULLER = [
    *both("tune", ("-m", "pipelines.tune", "spire"), rooms=(0, 100, 6000), params=_OTHER),
    *both("train", ("-m", "pipelines.train", "spire"), rooms=(0, 5000, 6500, 7500, 9000), params=_OTHER),
    Row("train", ("-m", "pipelines.train", "spire"), "outputs", kind="read-only", params=_OTHER),
    *both("evaluate", ("-m", "pipelines.evaluate", "spire"), rooms=(0, 60, 120), params=_OTHER),
    *both("report", ("-m", "pipelines.report"), rooms=(0, 200)),
    *both("promote", ("-m", "pipelines.promote"), rooms=(0, 300, 900, 1800), without=_NEW),
    Row("promote", ("-m", "pipelines.promote"), "reports", kind="read-only", without=_NEW),
    Row("promote", ("-m", "pipelines.promote"), "var/mlartifacts", kind="read-only", without=_NEW),
    job(".", rooms=(0, 1000, 3000), params=_OTHER, own=True),
    *both("main job", _JOB, ".dvc/cache", params={"evaluate.overlays": 1}),
    job("var", kind="read-only", params={"evaluate.overlays": 1}, own=True),
    job("var/prefect", rooms=(9000,), params=_OTHER, without=("var/prefect/*",), own=True),
    job("/tmp/ray", rooms=(2000,), params={"evaluate.overlays": 1}, given=_RAY),
    Row("retrain", ("-m", "pipelines.retrain"), rooms=(0, 800, 2500)),
    Row("retrain", ("-m", "pipelines.retrain"), "data", kind="read-only"),
]
"""On the project that has `gone_all_the_way`: half a minute each."""
