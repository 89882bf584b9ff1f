"""The command, run in this process."""

from dataclasses import dataclass

from typer.testing import CliRunner

from irstd.cli import app


@dataclass(frozen=True)
class Ran:
    """The result of a command: its exit code and the lines it wrote."""

    code: int
    out: list[str]
    err: list[str]


def run(*arguments: object) -> Ran:
    """Run `irstd` with these arguments."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], prog_name="irstd")
    return Ran(result.exit_code, result.stdout.splitlines(), result.stderr.splitlines())


def fails(*arguments: object, code: int = 1) -> str:
    """The one line of a command that fails with `code` and says nothing else."""
    ran = run(*arguments)
    assert ran.code == code, ran
    assert ran.out == []
    assert len(ran.err) == 1, ran.err
    return ran.err[0]
