"""A registry that was moved, copied, damaged or tampered with: what loads is what was registered, or nothing does."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import mlflow.pyfunc
import pytest

from irstd.errors import RegistryError
from irstd.models.folder import bundle_hash
from irstd.promotion.champions import set_champion
from irstd.tracking import BUNDLE_TAG
from irstd.tracking.fetching import fetch_files, load_version
from irstd.tracking.registering import register
from irstd.tracking.runs import variant_run
from irstd.tracking.store import Store, open_store
from tests.tracking.build import new_store, tiny_bundle, versions

CHAMPION = "models:/irstd@champion"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's folder with a champion."""
    root = tmp_path_factory.mktemp("original") / "project % 1"
    store = new_store(root)
    store.client.create_experiment("elsewhere", artifact_location="s3://bucket/var/mlartifacts/other")
    (version,) = versions(store, root / "outputs", 1)
    set_champion(store, version, "promoted by the gate", "the first", None)
    return root


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "copy"))


def addresses(root: Path) -> set[str]:
    with closing(sqlite3.connect(root / "var/mlflow.db")) as connection:
        found = connection.execute(
            "SELECT artifact_location FROM experiments WHERE name IN ('set', 'elsewhere') UNION "
            "SELECT artifact_uri FROM runs UNION SELECT source FROM model_versions "
            "UNION SELECT storage_location FROM model_versions"
        )
        return {str(address) for (address,) in found}


def record(root: Path) -> Path:
    (path,) = (root / "var/mlartifacts").rglob("bundle.json")
    return path


def test_a_copy_has_its_own_champion_and_leaves_the_original_alone(original: Path, copy: Path) -> None:
    before = addresses(original)
    store = open_store(copy)
    own = {address.replace(original.as_uri(), copy.as_uri()) for address in before}
    assert len(own) == 4
    assert "s3://bucket/var/mlartifacts/other" in own
    assert addresses(copy) == own
    assert addresses(original) == before
    assert load_version(store, "1").hash == bundle_hash(tiny_bundle(copy / "twin", 1.0))
    record(copy).unlink()
    with pytest.raises(RegistryError, match=r"copy/.*bundle\.json is missing"):
        fetch_files(store, CHAMPION)
    held = set((original / "var/mlartifacts").rglob("*"))
    run = variant_run(store, "set", "tophat", "of the copy")
    run.file(copy / "twin")
    assert set((original / "var/mlartifacts").rglob("*")) == held
    assert list((copy / "var/mlartifacts").rglob(f"{run.id}/**/bundle.json"))


def test_a_moved_project_keeps_its_champion_and_back_again(copy: Path, tmp_path: Path) -> None:
    open_store(copy)
    for place in (tmp_path / "a" / "deep", copy):
        place.parent.mkdir(exist_ok=True)
        shutil.move(next(each for each in (copy, tmp_path / "a/deep") if each.exists()), place)
        assert fetch_files(open_store(place), CHAMPION).keys() == {"bundle.json"}


def test_a_store_named_by_its_address_is_the_embedded_one(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///var/mlflow.db")
    store = open_store(copy)
    assert store.artifacts == (copy / "var/mlartifacts").as_uri()
    assert fetch_files(store, CHAMPION)


def test_a_tampered_bundle_loads_nowhere(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(copy)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.client.tracking_uri)
    assert mlflow.pyfunc.load_model(CHAMPION)
    record(copy).write_bytes((tiny_bundle(copy / "other", 9.0) / "bundle.json").read_bytes())
    with pytest.raises(RegistryError, match=r"models:/irstd@champion: holds bundle .* was registered"):
        fetch_files(store, CHAMPION)
    with pytest.raises(RegistryError, match="was registered"):
        load_version(store, "1")
    with pytest.raises(RegistryError, match="was registered"):
        mlflow.pyfunc.load_model(CHAMPION)


def test_registering_the_bundle_again_mends_its_version(copy: Path) -> None:
    store = open_store(copy)
    run, bundle = variant_run(store, "set", "tophat", "again"), tiny_bundle(copy / "twin", 1.0)
    assert not register(store, run, bundle, {}).mended
    for damage in (lambda: shutil.rmtree(copy / "var/mlartifacts"), lambda: record(copy).write_text("{}")):
        damage()
        found = register(store, run, bundle, {})
        assert (found.number, found.mended) == ("1", True)
        assert fetch_files(store, CHAMPION).keys() == {"bundle.json"}
        assert mlflow.pyfunc.load_model(found.source)


def test_a_version_without_a_hash_loads_with_a_notice(copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = open_store(copy)
    store.client.delete_model_version_tag("irstd", "1", BUNDLE_TAG)
    assert load_version(store, "1").hash
    assert BUNDLE_TAG in caplog.text


def test_what_is_known_does_not_name_what_was_asked_for(copy: Path) -> None:
    store: Store = open_store(copy)
    with pytest.raises(RegistryError) as refused:
        fetch_files(store, "models:/irstd@nobody")
    assert str(refused.value).count("nobody") == 1
