import errno
import subprocess
import sys
from pathlib import Path

import pytest

import irstd.cli.detection
from tests.cli.running import fails, run


def raising(monkeypatch: pytest.MonkeyPatch, fault: BaseException) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(irstd.cli.detection, "find_sources", fail)


def test_ctrl_c_is_one_line_and_130(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, KeyboardInterrupt())
    assert fails("detect", "a", code=130) == "stopped by the keyboard; files that were finished stay"


def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, OSError(errno.ENOSPC, "No space left on device", "/data/x.png"))
    line = "error: /data/x.png: No space left on device; check that the place exists, has room and may be written to"
    assert fails("detect", "a") == line


def test_what_is_no_mistake_of_the_user_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, ZeroDivisionError("ours"))
    ran = run("detect", "a")
    assert ran.code == 1
    assert ran.err[0].startswith("Traceback")
    assert ran.err[-1] == "ZeroDivisionError: ours"


@pytest.mark.parametrize("line", ["--debug detect nowhere", "detect nowhere --debug"])
def test_debug_shows_the_traceback_wherever_it_stands(line: str) -> None:
    ran = run(*line.split())
    assert ran.code == 1
    assert ran.err[0].startswith("Traceback")
    assert ran.err[-1] == "error: nowhere: no such file or folder; check the path"


def test_after_two_dashes_everything_is_a_path(outside: Path) -> None:
    assert fails("detect", "--", "--debug").startswith("error: --debug: no such file or folder")


def test_a_message_of_several_lines_becomes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, OSError("first\n  second\n"))
    assert fails("detect", "a").startswith("error: first second; check")


def test_the_real_command_shows_no_traceback(outside: Path) -> None:
    command = [sys.executable, "-c", "from irstd.cli import main; main()", "detect", "caf\udce9"]
    ended = subprocess.run(command, capture_output=True, check=False, cwd=outside)
    assert ended.returncode == 1
    assert ended.stdout == b""
    assert ended.stderr.decode() == "error: caf\\udce9: no such file or folder; check the path\n"


def test_a_name_cannot_write_to_the_terminal(outside: Path) -> None:
    line = fails("detect", "night\x1b[2J\u202egnp")
    assert line.startswith(r"error: night\x1b[2J\u202egnp: ")


def test_a_package_of_an_extra_that_is_absent_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, ModuleNotFoundError("No module named 'mlflow.store'", name="mlflow.store"))
    assert fails("detect", "a").endswith("pip install 'irstd[pipeline]'")
    raising(monkeypatch, ModuleNotFoundError("No module named 'prometheus_client'", name="prometheus_client"))
    assert fails("detect", "a").endswith("pip install 'irstd[serve]'")
    raising(monkeypatch, ModuleNotFoundError("No module named 'onnx'", name="onnx"))
    assert fails("detect", "a").endswith("pip install 'irstd[onnx]'")
    raising(monkeypatch, ModuleNotFoundError("No module named 'ours'", name="ours"))
    assert run("detect", "a").err[0].startswith("Traceback")
