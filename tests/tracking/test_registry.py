"""The registry on a real embedded store: a bundle goes in, is found, and comes back as it was."""

import warnings
from pathlib import Path

import mlflow
import mlflow.pyfunc  # warns about itself once, when it is imported
import numpy as np
import pytest

from irstd.errors import RegistryError
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, load_detector, save_bundle
from irstd.models.folder import bundle_hash, read_bundle
from irstd.models.registry import build
from irstd.tracking import CHAMPION, PROCESS_TAG
from irstd.tracking.fetching import fetch_files
from irstd.tracking.registering import register
from irstd.tracking.registry import alias_version, find_version
from irstd.tracking.runs import DatasetRef, find_runs, trial_run, variant_run
from irstd.tracking.store import Store
from tests.tracking.build import new_store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return new_store(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "spire"
    save_bundle(folder, build("spire", {"size": 64}), Bundle("spire", {"size": 64}, Rules(threshold=0.1)))
    return folder


def test_before_anything_is_registered(store: Store) -> None:
    assert alias_version(store, CHAMPION) is None
    assert find_version(store, "0" * 64) is None
    with pytest.raises(RegistryError, match="no model is registered yet; `make demo`"):
        fetch_files(store, "models:/irstd@champion")


def test_two_projects_have_two_stores(store: Store, tmp_path: Path) -> None:
    other = new_store(tmp_path)
    variant_run(other, "elsewhere", "spire", "key").end()
    assert len(find_runs(other, "elsewhere", {})) == 1
    assert find_runs(store, "elsewhere", {}) == []


def test_the_same_key_finds_the_same_run(store: Store) -> None:
    run = variant_run(store, "set", "spire", "key")
    run.params({"a": 1})
    run.params({"a": 2, "b": 3})
    run.dataset(DatasetRef("set", "0123", "data/raw/set"), "train")
    run.figures({"hse": 40.0, "undefined": None}, step=5)
    trial = trial_run(store, "set", run, "key", 0)
    trial.end()
    assert variant_run(store, "set", "spire", "key").id == run.id
    assert trial_run(store, "set", run, "key", 0).id == trial.id
    assert variant_run(store, "set", "spire", "other").id != run.id
    data = store.client.get_run(run.id).data
    assert data.params == {"a": "1", "b": "3"}
    assert data.metrics == {"hse": 40.0}
    assert run.figure_of("undefined") is None
    run.end(failed=True)
    assert store.client.get_run(run.id).info.status == "FAILED"
    assert run.tag_of(PROCESS_TAG) is None
    assert [found.id for found in find_runs(store, "set", {"irstd.kind": "trial"})] == [trial.id]
    assert store.client.get_run(trial.id).info.run_name == "trial 1"  # as the console calls it
    assert find_runs(store, "nowhere", {}) == []


def test_a_bundle_comes_back_as_it_was(store: Store, bundle: Path) -> None:
    run = variant_run(store, "set", "spire", "registered")
    with warnings.catch_warnings():
        warnings.filterwarnings("error", category=UserWarning)
        version = register(store, run, bundle, {"irstd.variant": "spire"})
    found = find_version(store, bundle_hash(bundle))
    assert found is not None
    assert found.number == version.number
    with pytest.raises(RegistryError, match=r"no version is champion yet; `python -m pipelines\.promote`"):
        fetch_files(store, "models:/irstd@champion")
    store.client.set_registered_model_alias("irstd", CHAMPION, version.number)
    fetched = fetch_files(store, "models:/irstd@champion")
    assert fetched == read_bundle(bundle)
    for uri, message in {
        "models:/irstd@nobody": "unknown; known aliases: champion; known versions: 1",
        "models:/irstd/99": "unknown; known aliases: champion; known versions: 1",
        "models:/other/1": "no registered model 'other'; known: irstd",
    }.items():
        with pytest.raises(RegistryError, match=message):
            fetch_files(store, uri)


def test_mlflow_loads_it_from_code_without_a_pickle(store: Store, bundle: Path) -> None:
    version = alias_version(store, CHAMPION)
    assert version is not None
    source = Path(str(store.client.get_model_version("irstd", version.number).source).removeprefix("file://"))
    assert not [path for path in source.rglob("*") if path.suffix in (".pkl", ".pickle", ".pt")]
    frame = np.random.default_rng(0).integers(0, 255, (48, 64))
    (found,) = mlflow.pyfunc.load_model(str(source)).predict([frame])
    ours = load_detector(bundle)(frame.astype(np.uint8))
    assert len(found) == len(ours)
    np.testing.assert_allclose(np.reshape([(each["x"], each["y"]) for each in found], (-1, 2)), ours.points)
