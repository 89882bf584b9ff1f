"""A server of a top-hat, in this process."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from irstd.frames import Frame
from irstd.labels.calibration import Calibration
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, bundle_files
from irstd.models.operating_curve import OperatingCurve
from irstd.models.registry import build
from irstd.server.access import AccessRules
from irstd.server.admission import Admission
from irstd.server.app import build_app
from irstd.server.model import ServedModel, load_served
from irstd.server.watching import Current

HERE = "http://127.0.0.1"


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The graphs of served models are kept in a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def served(version: str | None = None, half_snr: float = 3.0, **kept: Any) -> ServedModel:
    """A top-hat that operates at 0.7; `kept` are a calibration and a curve."""
    return load_served(_files(half_snr, **kept), "hat", version)


def calibrated() -> ServedModel:
    """The same with a calibration and a curve."""
    return load_served(calibrated_files(), "hat")


def calibrated_files() -> dict[str, bytes]:
    """The files of its bundle."""
    curve = OperatingCurve(10, 640, 8, thresholds=(0.9, 0.5), hits=(4, 6), found=(4, 12))
    return _files(3.0, calibration=Calibration(0.5, 0.5, 0.3), curve=curve)


def _files(half_snr: float, **kept: Any) -> dict[str, bytes]:
    settings = {"half_snr": half_snr}
    return bundle_files(build("tophat", settings), Bundle("tophat", settings, Rules(threshold=0.7), **kept))


def client_of(model: ServedModel, rules: AccessRules | None = None, admission: Admission | None = None) -> TestClient:
    """A client that sees faults of the server as answers."""
    app = build_app(Current(model), rules or AccessRules("127.0.0.1"), admission)
    return TestClient(app, base_url=HERE, raise_server_exceptions=False)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with client_of(served()) as client:
        yield client


def bright(x: int = 30, y: int = 12) -> Frame:
    """A frame of 64 × 48 px with a target."""
    frame: Frame = np.random.default_rng(0).integers(40, 43, (48, 64)).astype(np.uint8)
    frame[y - 1 : y + 2, x - 1 : x + 2] = 200
    return frame


def image(frame: Frame, kind: str = ".png") -> bytes:
    """The content of an image file."""
    return bytes(cv2.imencode(kind, frame)[1].tobytes())
