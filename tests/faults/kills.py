"""kill -9 of each process of the road at each of its steps; what the next run makes of it.

    python -m tests.faults.kills [STEP/VICTIM …]

Promised is, after the next run of the main job: the metrics and outputs of an undisturbed run, byte for byte; one
champion, which loads; no MLflow run that is open; no half-written file; nothing that goes on by itself; nothing left
to do. A fit that was stopped goes on from its checkpoint.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import psutil
from rich.console import Console
from rich.table import Table

from pipelines.servers.embedded import prefect_server, ray_head
from tests.faults.cases import CASES, Case, Step
from tests.faults.projects import EVERY, longer
from tests.road.project import ROOT, call, hashes

STAGES: dict[Step, list[str]] = {
    "prepare": ["code", "prepare"],
    "tune": ["tune@spire"],
    "train": ["train@spire"],
    "evaluate": ["evaluate@spire", "report"],
}
INJECT = Path(__file__).parent / "inject"
PATIENCE_S = 600.0
GRACE_S = 90.0
"""A process whose starter was killed has so long to end: Ray's agents look for theirs now and then."""


@dataclass
class Job:
    """A main job under way, and what it has said."""

    process: psutil.Popen
    said: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, project: Path, dies_in: str | None = None) -> "Job":
        """`python -m pipelines.reproduce --promote` there; with `dies_in`, a process of it dies as that says."""
        outer = ("PREFECT_HOME", "PREFECT_API_URL", "RAY_ADDRESS")  # of a session of tests that this may be part of
        environment = {name: value for name, value in os.environ.items() if name not in outer}
        environment |= {"IRSTD_PYTHON": sys.executable, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
        if dies_in:
            environment |= {"IRSTD_DIES_IN": dies_in, "PYTHONPATH": str(INJECT)}
        command = [sys.executable, "-m", "pipelines.reproduce", "--promote"]
        process = psutil.Popen(
            command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        job = cls(process)
        Thread(target=job._listen, daemon=True).start()
        return job

    def _listen(self) -> None:
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))

    def wait(self) -> int:
        """The exit code."""
        code = int(self.process.wait(timeout=PATIENCE_S))
        time.sleep(0.2)  # for the last lines
        return code


@dataclass(frozen=True)
class Outcome:
    """The outcome of a case: the killed run's last line, and the promises that were broken."""

    case: Case
    last: str
    broken: Sequence[str]
    seconds: float


class Road:
    """A project as it is before each step, and what an undisturbed run makes of it. Always in the same place, since
    MLflow's database holds paths.
    """

    def __init__(self, folder: Path, project: Path) -> None:
        self.folder, self.project = folder, project

    @classmethod
    def walk(cls, folder: Path) -> "Road":
        """Make a project and keep it as it is before each step."""
        road = cls(folder, longer(folder / "project"))
        for step, targets in STAGES.items():
            road._keep(step)
            for target in targets:
                call(road.project, "dvc", "repro", "--single-item", target)
        road._keep("promote")
        job = Job.start(road.project)
        if job.wait() != 0:
            raise RuntimeError("\n".join(job.said))
        return road.ended()

    @classmethod
    def before_promotion(cls, folder: Path, project: Path) -> "Road":
        """Take a project on which the main job has run; it is kept as it is before promotion alone."""
        road = cls(folder, project).ended()
        for left in ("var/mlflow.db", "var/mlartifacts", "reports/promotion.json"):
            gone = project / left
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        road._keep("promote")
        return road

    def ended(self) -> "Road":
        """Note what the project has made as that of an undisturbed run."""
        self.hashes, self.metrics = hashes(self.project), metrics(self.project)
        return self

    def before(self, step: Step) -> Path:
        """The project, put back to where it was before that step."""
        shutil.rmtree(self.project)
        shutil.copytree(self._kept(step), self.project, symlinks=True)
        return self.project

    def _keep(self, step: Step) -> None:
        shutil.copytree(self.project, self._kept(step), symlinks=True)

    def _kept(self, step: Step) -> Path:
        return self.folder / f"before-{step}"


def try_case(case: Case, road: Road) -> Outcome:
    """Run, kill, run again, and look at what is there."""
    start, project = time.monotonic(), road.before(case.step)
    job = Job.start(project, case.dies_in)
    met = case.dies_in is not None or kill_half_way(case, job)
    code = job.wait()
    if not met or (case.dies_in is not None and code == 0):
        return Outcome(case, last_line(job.said), ["it ended before its moment came"], time.monotonic() - start)
    broken = [f"still at work: {line}" for line in leftovers(project)]
    if case.victim in ("worker", "server") and code != 0:
        broken.append(f"the run did not go on without its {case.victim}")
    killed = job.said
    if code != 0:
        job = Job.start(project)
        if job.wait() != 0:
            broken.append(f"the next run failed: {last_line(job.said)}")
    broken += list(broken_promises(project, road))
    broken += list(began_again(case, killed, job.said)) if code != 0 else []
    return Outcome(case, last_line(killed) if code != 0 else "went on to its end", broken, time.monotonic() - start)


def kill_half_way(case: Case, job: Job) -> bool:
    """Kill what the case means, once it is time and it is there; False where the run ended before."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and job.process.poll() is None:
        if case.is_time(job.said):
            victims = case.victims(psutil.Process(job.process.pid))
            for victim in victims:
                with suppress(psutil.NoSuchProcess):
                    victim.kill()
            if victims:
                return True
        time.sleep(0.005)
    return False


def leftovers(project: Path) -> Iterator[str]:
    """The command lines of processes that work in the project after the grace."""
    deadline, found = time.monotonic() + GRACE_S, ["?"]
    while found and time.monotonic() < deadline:
        time.sleep(0.5)
        found = [" ".join(process.info["cmdline"] or ())[:100] for process in at_work(project)]
    yield from found


def at_work(project: Path) -> Iterator[psutil.Process]:
    """Processes whose working folder is the project."""
    for process in psutil.process_iter(["cwd", "cmdline", "status"]):
        if process.info["cwd"] == str(project.resolve()) and process.info["status"] != psutil.STATUS_ZOMBIE:
            yield process


def broken_promises(project: Path, road: Road) -> Iterator[str]:
    """Yield the differences from an undisturbed run."""
    if hashes(project) != road.hashes:
        yield "outputs differ from an undisturbed run's"
    if metrics(project) != road.metrics:
        yield "metrics differ from an undisturbed run's"
    yield from (line.removeprefix("fault: ") for line in tracked(project) if line.startswith("fault: "))
    yield from (f"left behind: {path.relative_to(project)}" for path in half_written(project))
    job = Job.start(project)
    if job.wait() != 0 or not any("nothing changed" in line for line in job.said):
        yield f"there is more to do: {last_line(job.said)}"


def tracked(project: Path) -> list[str]:
    """Return the lines of `tests.faults.tracked` on the project's MLflow and Prefect."""
    command = [sys.executable, "-m", "tests.faults.tracked", str(project)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = done.stdout.splitlines()
    return said if done.returncode == 0 else [*said, f"fault: cannot be read: {last_line(done.stderr.splitlines())}"]


def half_written(project: Path) -> Iterator[Path]:
    """Files and folders under the names that unfinished ones have, and checkpoints of fits that are done."""
    for folder in ("data", "outputs", "reports"):
        yield from (path for path in (project / folder).rglob(".*") if path.name != ".gitignore")
    for folder in ("var/fits", "var/ray"):
        yield from (project / folder).glob("*")


def began_again(case: Case, killed: Sequence[str], then: Sequence[str]) -> Iterator[str]:
    """Yield the work that the next run did again although a checkpoint was there."""
    first = f"step {EVERY} of "
    if case.step == "train" and case.victim != "write" and in_section("train@spire", killed, first):
        yield from ["the fit began again"] if in_section("train@spire", then, first) else []
    if case.step == "tune" and case.victim != "write":
        trial = f"trial 1: {first}"
        yield from ["the trial began again"] if in_section("tune@spire", then, trial) else []


def in_section(section: str, said: Sequence[str], words: str) -> bool:
    """Return True if that stage's part of the main job's output has a line with these words."""
    now = ""
    for line in said:
        now = line.partition(" ")[0] if "───" in line else now
        if now == section and words in line:
            return True
    return False


def metrics(project: Path) -> dict[str, bytes]:
    """Every hse.json."""
    return {path.parent.name: path.read_bytes() for path in sorted((project / "outputs").rglob("hse.json"))}


def last_line(said: Sequence[str]) -> str:
    """The error, or else the last line."""
    errors = [line for line in said if line.startswith("error: ")]
    return (errors or [line for line in said if line.strip()] or ["nothing"])[-1]


def main(names: Sequence[str]) -> int:
    """Try the cases named, or all, and print what came of each."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    cases = [case for case in CASES if not names or str(case) in names]
    folder = Path(tempfile.mkdtemp(prefix="irstd-faults-"))
    console.print(f"an undisturbed run, then {len(cases)} with kill -9, in {folder}")
    with prefect_server(), ray_head():
        road = Road.walk(folder)
    table = Table("killed", "half way through", "that run said at last", "broken promises", "s", title="kill -9")
    survived = 0
    for number, case in enumerate(cases, start=1):
        outcome = try_case(case, road)
        survived += not outcome.broken
        told = "; ".join(outcome.broken) or "none"
        console.print(f"{number}/{len(cases)} {case}: {told} ({outcome.seconds:.0f} s)", markup=False)
        table.add_row(case.victim, case.step, outcome.last[:90], told, f"{outcome.seconds:.0f}")
        if outcome.broken:
            shutil.copytree(road.project, folder / str(case).replace("/", "-"), symlinks=True)
    console.print(table, markup=False)
    console.print(f"survived {survived} of {len(cases)}")
    return int(survived < len(cases))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
