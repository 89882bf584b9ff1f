"""deploy/: what the compose file, the units and the scripts must have. No Docker is needed.

The compose file is read as YAML, with anchors and merges resolved. Checked is what a reader relies on; that Docker
takes it is checked where the program `docker compose` is at hand.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
SCRIPTS = ("service", "secrets", "healthy", "backup.sh", "restore.sh", "environment.sh")
GIVEN = {
    "IRSTD_USER": "1000:1000",
    "IRSTD_DATA": "/data",
    "IRSTD_SECRETS": "/secrets",
    "IRSTD_CHECKOUT": "/checkout",
}
# Keys of the Compose Specification; Docker refuses others.
SERVICE_KEYS = {
    "build", "cap_drop", "command", "depends_on", "entrypoint", "environment", "healthcheck", "image", "init",
    "networks", "ports", "restart", "secrets", "security_opt", "shm_size", "tmpfs", "user", "volumes",
}  # fmt: skip
OURS = {"mlflow", "prefect", "flows", "ray-node", "serve"}


def has_compose() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content = yaml.safe_load(COMPOSE.read_text())
    assert isinstance(content, dict)
    return content


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_the_services_of_a_team_are_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", "s3"} | OURS
    assert {key for key in compose if not key.startswith("x-")} == {"name", "services", "networks", "secrets"}


@pytest.mark.parametrize("name", services())
def test_a_service_is_no_root_is_watched_and_pinned(name: str, compose: dict[str, Any]) -> None:
    service = compose["services"][name]
    assert set(service) <= SERVICE_KEYS
    assert service["user"].startswith("${IRSTD_USER:?")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    if name in OURS:  # built from the lock
        assert service["build"]["dockerfile"] == "deploy/Dockerfile"
    else:
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"])


@pytest.mark.parametrize("name", services())
def test_ports_are_published_on_loopback_alone(name: str, compose: dict[str, Any]) -> None:
    service = compose["services"][name]
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in service.get("ports", ()))
    assert "network_mode" not in service
    assert name not in ("postgres", "flows", "ray-node") or "ports" not in service


@pytest.mark.parametrize("name", services())
def test_secrets_are_files_that_are_made(name: str, compose: dict[str, Any], made: set[str]) -> None:
    service = compose["services"][name]
    assert set(service["secrets"]) <= set(compose["secrets"])
    for variable, value in service.get("environment", {}).items():
        kept = re.search("PASSWORD|SECRET|TOKEN|KEY|AUTH", variable)
        assert not kept or str(value).startswith("/run/secrets"), f"{variable} is a secret in the file"
    for secret in service["secrets"]:
        assert compose["secrets"][secret]["file"].endswith(f"/{secret}")
        assert secret in made


@pytest.mark.parametrize("name", services())
def test_what_is_waited_for_has_a_health_check(name: str, compose: dict[str, Any]) -> None:
    for other, how in compose["services"][name].get("depends_on", {}).items():
        assert how == {"condition": "service_healthy"}
        assert compose["services"][other]["healthcheck"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_scripts_know_the_services(name: str, compose: dict[str, Any]) -> None:
    assert compose["services"][name]["command"] == [name]
    assert compose["services"][name]["healthcheck"]["test"][-1] == name
    for script in ("service", "healthy"):
        cases = re.findall(r"^([a-z |-]+)\)", (DEPLOY / script).read_text(), re.MULTILINE)
        assert name in {each.strip() for case in cases for each in case.split("|")}, script


def test_variables_that_must_be_set_are_those_told() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE.read_text()))
    assert asked == set(GIVEN)
    assert all(re.search(rf"^#   {name} ", COMPOSE.read_text(), re.MULTILINE) for name in asked)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files that deploy/secrets makes."""
    folder = tmp_path_factory.mktemp("secrets")
    subprocess.run([str(DEPLOY / "secrets"), str(folder)], check=True)
    return {path.name for path in folder.iterdir()}


def test_secrets_are_private_differ_and_stay(tmp_path: Path) -> None:
    command, folder = [str(DEPLOY / "secrets"), str(tmp_path / "made")], tmp_path / "made"
    subprocess.run(command, check=True)
    first = {path.name: path.read_text() for path in folder.iterdir()}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))
    random = [text for name, text in first.items() if name not in ("pgpass", "s3-access-key")]
    assert len(set(random)) == len(random)
    assert all(len(text) >= 64 for text in random)
    assert first["pgpass"] == f"*:*:*:irstd:{first['postgres-password']}\n"
    subprocess.run(command, check=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == first


def test_the_environment_is_that_of_the_files(tmp_path: Path) -> None:
    subprocess.run([str(DEPLOY / "secrets"), str(tmp_path)], check=True)
    (tmp_path / "serve-token").unlink()
    asked = f"source {DEPLOY / 'environment.sh'}; echo $PREFECT_API_AUTH_STRING; echo $PGPASSFILE; echo $PGHOST"
    given = {"PATH": os.environ["PATH"], "IRSTD_SECRETS": str(tmp_path), "PGHOST": "elsewhere"}
    done = subprocess.run(["bash", "-euc", asked], env=given, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [(tmp_path / "prefect-auth").read_text(), f"{tmp_path}/pgpass", "elsewhere"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_are_read_by_bash(script: str) -> None:
    subprocess.run(["bash", "-n", str(DEPLOY / script)], check=True)
    assert os.access(DEPLOY / script, os.X_OK) == (script != "environment.sh")


@pytest.mark.parametrize("script", ["service", "backup.sh", "restore.sh"])
def test_without_secrets_a_script_says_so(script: str) -> None:
    done = subprocess.run(
        [str(DEPLOY / script), "mlflow"], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "IRSTD_SECRETS" in done.stderr


def test_requirements_are_pinned_and_not_in_the_lock() -> None:
    def names(path: Path) -> dict[str, str]:
        lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
        return {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower(): line for line in lines}

    ours = names(DEPLOY / "requirements.txt")
    assert {"psycopg2-binary", "boto3", "dvc-s3", "flask-wtf"} <= set(ours)
    assert not set(ours) & set(names(DEPLOY.parent / "requirements.lock"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("unit", ["irstd@.service", "irstd-backup.service", "irstd-backup.timer"])
def test_units_are_taken_by_systemd(unit: str, tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():  # the checkout lies elsewhere here
        (tmp_path / path.name).write_text(path.read_text().replace("/srv/irstd/checkout", str(DEPLOY.parent)))
    named = tmp_path / unit.replace("@.", "@mlflow.")
    if named.name != unit:
        named.symlink_to(unit)
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(named)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Unknown key" not in done.stderr


@pytest.mark.skipif(not has_compose(), reason="needs docker compose")
@pytest.mark.parametrize("files", [["compose.yaml"], ["compose.yaml", "compose.cuda.yaml"]])
def test_docker_takes_the_file(files: list[str]) -> None:
    command = ["docker", "compose", *[word for name in files for word in ("-f", str(DEPLOY / name))], "config", "-q"]
    subprocess.run(command, env={**os.environ, **GIVEN}, check=True)
