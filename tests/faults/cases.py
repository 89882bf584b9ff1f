"""The table of kills: the victims at each step of the road."""

import re
from dataclasses import dataclass
from typing import Literal

import psutil

Step = Literal["prepare", "tune", "train", "evaluate", "promote"]
Victim = Literal["flow", "dvc", "stage", "worker", "server", "write"]

# The line of the main job that says that the step is half way.
HALF_WAY: dict[Step, tuple[str, str]] = {
    "prepare": ("prepare ·", r"prepare tiny: \d+ frames"),
    "tune": ("tune@spire", r"  trial 1: step 30 of"),
    "train": ("train@spire", r"  step 30 of"),
    "evaluate": ("evaluate@spire", r"  val: 3 of 3"),
    "promote": ("starting a Prefect server", r"promote: version 1 is scored"),  # every stage is up to date
}
WORKERS: dict[Step, str] = {"tune": "ray::ImplicitFunc", "train": "ray::_stream", "evaluate": "ray::_score_shard"}
COMMITS: dict[Step, int] = {"tune": 6, "train": 5, "evaluate": 3, "promote": 6}  # of those that write, about half way


@dataclass(frozen=True)
class Case:
    """One kill -9: at a step of the road, of a victim."""

    step: Step
    victim: Victim

    def __str__(self) -> str:
        return f"{self.step}/{self.victim}"

    @property
    def dies_in(self) -> str | None:
        """For `inject/sitecustomize.py`; None where another process kills."""
        if self.victim != "write":
            return None
        return f"pipelines.{'reproduce' if self.step == 'promote' else self.step} {COMMITS[self.step]}"

    def victims(self, flow: psutil.Process) -> list[psutil.Process]:
        """The processes to kill, of those under the flow's; none where they are not there yet."""
        if self.victim == "flow":
            return [flow]
        return [process for process in flow.children(recursive=True) if self._is_meant(_line(process))]

    def _is_meant(self, line: list[str]) -> bool:
        words = " ".join(line)
        match self.victim:
            case "dvc":
                return "-m dvc repro" in words
            case "stage":
                return f"pipelines.{self.step}" in line
            case "worker":
                return words.startswith(WORKERS[self.step])
            case "server":
                return "prefect" in words and "server" in words
            case _:
                return False

    def is_time(self, said: list[str]) -> bool:
        """Return True if the main job's lines so far say that the step is half way; a shard's worker ends earlier."""
        section, line = HALF_WAY[self.step]
        begun = [index for index, each in enumerate(said) if each.startswith(section)]
        if not begun:
            return False
        if self.victim == "worker" and self.step == "evaluate":
            return True
        return any(re.match(line, each) for each in said[begun[0] :])


CASES: list[Case] = [
    *[Case("prepare", victim) for victim in ("flow", "dvc", "stage", "server")],
    *[
        Case(step, victim)
        for step in ("tune", "train", "evaluate")
        for victim in ("flow", "dvc", "stage", "worker", "server", "write")
    ],
    *[Case("promote", victim) for victim in ("flow", "server", "write")],
]


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []
