"""The public API: the names of `irstd.__all__`, their parameters and members. Users notice a change here."""

import inspect
import json
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import irstd
from irstd.curation.demo import make_demo
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.registry import build
from tests import user_program

FUNCTIONS = {
    "compare": "(models, seed, resamples=2000, level=0.95)",
    "load": "(bundle)",
    "load_onnx": "(path, threads=1)",
    "read_image": "(path)",
    "read_mask": "(path)",
    "score_frames": "(detector, samples, operating, on_frame=None)",
}
METHODS = {
    "CanonicalDataset": {
        "frame": "(self, name)",
        "open": "(folder)",
        "sample": "(self, name)",
        "samples": "(self, split)",
    },
    "Comparison": {"to_dict": "(self)"},
    "Detections": {"none": "()", "reaching": "(self, threshold)", "strongest": "(self, most)"},
    "HSE": {
        "__init__": "(self, threshold=0.5)",
        "add": "(self, given)",
        "compute": "(self)",
        "rows": "(self)",
        "update": "(self, response, truth, *, detections=None, frame=None, name='')",
    },
    "IrstdError": {},
    "LoadedDetector": {"__call__": "(self, frame)", "predict": "(self, frame)"},
    "Prediction": {},
    "Sample": {},
    "Score": {"to_dict": "(self)"},
}
FIELDS = {
    "CanonicalDataset": "folder info names splits has_masks points boxes moments",
    "Comparison": "definition frames targets level resamples seed redrawn models changed",
    "Detections": "points scores",
    "LoadedDetector": "detector bundle hash",
    "Prediction": "response detections operating",
    "Sample": "name frame points mask soft response boxes moment",
}


def parameters(function: object) -> str:
    """A signature without annotations."""
    assert callable(function)
    signature = inspect.signature(function)
    plain = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))


def test_the_names_are_these() -> None:
    assert sorted(irstd.__all__) == sorted([*FUNCTIONS, *METHODS, "__version__"])
    assert set(irstd.__all__) <= set(dir(irstd))
    assert all(getattr(irstd, name) is not None for name in irstd.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_parameters_of_a_function(name: str) -> None:
    assert parameters(getattr(irstd, name)) == FUNCTIONS[name]


@pytest.mark.parametrize("name", METHODS)
def test_the_methods_and_fields_of_a_class(name: str) -> None:
    kind = getattr(irstd, name)
    assert {method: parameters(getattr(kind, method)) for method in METHODS[name]} == METHODS[name]
    public = {each for each, value in vars(kind).items() if inspect.isroutine(value) and not each.startswith("_")}
    assert public <= set(METHODS[name])
    if name in FIELDS:
        assert is_dataclass(kind)
        assert " ".join(field.name for field in fields(kind)) == FIELDS[name]


def test_the_figures_that_documents_name_are_fields_of_a_score() -> None:
    named = {
        "hse",
        "hse_2",
        "pixel",
        "target",
        "f1",
        "precision",
        "pd",
        "fa_per_mpx",
        "iou",
        "at_3px",
        "at_5px",
        "frames",
    }
    assert named <= {field.name for field in fields(irstd.Score)}


def test_an_import_loads_nothing_heavy_and_a_name_what_it_needs() -> None:
    code = (
        "import sys, json, irstd; heavy = lambda: sorted({'torch', 'numpy', 'cv2', 'pandas'} & set(sys.modules));"
        "first = heavy(); irstd.IrstdError; second = heavy(); irstd.read_image;"
        "print(json.dumps([first, second, heavy()]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second, third = json.loads(done.stdout)
    assert first == second == []
    assert "torch" not in third


def test_a_users_program_runs(tmp_path: Path) -> None:
    make_demo(tmp_path / "tiny", 10, 3)
    save_bundle(tmp_path / "tophat", build("tophat", {}), Bundle("tophat", {}, Rules(threshold=0.1)))
    count, hse = user_program.found_and_scored(tmp_path / "tophat", tmp_path / "tiny")
    assert count > 0
    assert hse is not None
    assert {model["name"] for model in user_program.compared(tmp_path / "tophat", tmp_path / "tiny")["models"]} == {
        "one",
        "other",
    }
    assert user_program.message(tmp_path / "tophat") == ""
    assert str(tmp_path / "absent") in user_program.message(tmp_path / "absent")


def test_the_package_is_typed() -> None:
    assert (Path(irstd.__file__).parent / "py.typed").is_file()
