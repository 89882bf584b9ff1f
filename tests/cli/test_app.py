import subprocess
import sys

import pytest

import irstd
from tests.cli.running import fails, run

USAGE = {
    "nonsense": "error: No such command 'nonsense'; see `irstd --help`",
    "dat": "error: No such command 'dat'. Did you mean 'data'?; see `irstd --help`",
    "detect": "error: Missing argument 'PATHS'; see `irstd detect --help`",
    "detect --modle x a": "error: No such option: --modle (Possible options: --model); see `irstd detect --help`",
    "detect --zzz a": (
        "error: No such option: --zzz; known: --model, --out, --overlays, --no-overlays, --threshold, --precision, "
        "--false-alarms-per-frame, --raw, --truth, --help; see `irstd detect --help`"
    ),
    "data import": "error: Missing argument 'SOURCE'; see `irstd data import --help`",
    "data import x": "error: Missing option '--name'; see `irstd data import --help`",
    "data check": "error: Missing argument 'NAME_OR_FOLDER'; see `irstd data check --help`",
    "models import-spire x": "error: Missing option '--out'; see `irstd models import-spire --help`",
    "data nonsense": "error: No such command 'nonsense'; see `irstd data --help`",
    "models nonsense": "error: No such command 'nonsense'; see `irstd models --help`",
}


@pytest.mark.parametrize("line", USAGE)
def test_wrong_usage_is_one_line(line: str) -> None:
    said = fails(*line.split(), code=2)
    assert said == USAGE[line]


def test_a_number_that_is_none_is_named() -> None:
    said = fails("data", "demo", "--frames", "many", code=2)
    assert said.startswith("error: Invalid value for '--frames'")
    assert said.endswith("see `irstd data demo --help`")


@pytest.mark.parametrize("line", ["", "data"])
def test_without_a_command_there_is_help(line: str) -> None:
    ran = run(*line.split())
    assert ran.code == 2
    assert ran.err == []
    assert any("Usage: irstd" in each for each in ran.out)


COMMANDS = (
    "",
    "config",
    "detect",
    "serve",
    "export",
    "score",
    "compare",
    "data",
    "data check",
    "models",
    "models show",
)


@pytest.mark.parametrize("line", COMMANDS)
def test_help_is_short_too_and_names_every_option_in_full(line: str) -> None:
    short, long = run(*line.split(), "-h"), run(*line.split(), "--help")
    assert (short.code, short.err) == (0, [])
    assert short.out == long.out
    assert short.out[0].startswith(f"Usage: irstd {line}".rstrip())
    assert not any("--" in each and "…" in each for each in short.out)
    assert not any(each.endswith("...") for each in short.out[1:])  # nor is what a command does cut off


def test_the_shell_completes_commands_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_IRSTD_COMPLETE", "complete_bash")
    for typed, found in {"irstd det": ["detect"], "irstd detect --mo": ["--model"], "irstd data ch": ["check"]}.items():
        monkeypatch.setenv("COMP_WORDS", typed)
        monkeypatch.setenv("COMP_CWORD", str(len(typed.split()) - 1))
        assert run().out == found


def test_help_and_version() -> None:
    helped = run("--help")
    assert (helped.code, helped.err) == (0, [])
    assert {"detect", "data", "models"} <= {word for line in helped.out for word in line.split()}
    assert run("--version").out == [f"irstd {irstd.__version__}"]


def test_the_help_of_import_tells_its_options() -> None:
    words = " ".join(" ".join(run("data", "import", "--help").out).replace("│", " ").split())
    for name in ("--name", "--layout", "--lists", "--seed", "--replace"):
        assert name in words


def python(*lines: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)


def test_help_imports_nothing_heavy() -> None:
    ended = python(
        "import sys, irstd.cli",
        "sys.argv = ['irstd', 'detect', '--help']",
        "try: irstd.cli.main()",
        "except SystemExit as end: print(end.code, {'torch', 'mlflow', 'pandas', 'cv2', 'numpy'} & set(sys.modules))",
    )
    assert ended.stdout.splitlines()[-1] == "0 set()"


def test_the_package_loads_nothing_until_it_is_asked_to() -> None:
    ended = python("import sys, irstd", "print(irstd.__version__, 'torch' in sys.modules, 'numpy' in sys.modules)")
    assert ended.stdout.split() == [irstd.__version__, "False", "False"]
    with pytest.raises(AttributeError, match="module 'irstd' has no attribute 'nonsense'"):
        irstd.nonsense  # noqa: B018
