"""POST /detect: whatever the form of a frame, the detections are those of the detector."""

import base64
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from irstd.errors import DataError
from irstd.server.admission import Admission
from irstd.server.model import ServedModel
from tests.server.conftest import bright, calibrated, client_of, image, served

DEEP = (20 * np.arange(64) + 7000 + bright() + 30 * np.where(bright() > 100, bright(), 0)).astype(np.uint16)


def ask(client: TestClient, path: str = "/detect", **content: Any) -> Any:
    answer = client.post(path, **content)
    assert answer.status_code == 200, answer.text
    return answer.json()


def points(frame: Any) -> list[tuple[int, int]]:
    return [(round(each["x"]), round(each["y"])) for each in frame["detections"]]


@pytest.mark.parametrize(
    "content",
    [
        {"files": [("files", ("a.png", image(bright())))]},
        {"files": [("files", ("a.tif", image(DEEP, ".tiff")))]},
        {"files": [("frame", ("a.pgm", image(DEEP, ".pgm")))]},
        {"content": image(bright()), "headers": {"Content-Type": "image/png"}},
        {"json": {"inputs": [base64.b64encode(image(DEEP)).decode()]}},
        {"json": {"inputs": [bright().tolist()]}},
        {"json": {"inputs": [{"image": DEEP.tolist(), "bits": 16}]}},
    ],
    ids=["png", "16-bit tiff", "16-bit pgm", "bare", "base64", "levels", "16-bit levels"],
)
def test_forms_of_a_frame(client: TestClient, content: dict[str, Any]) -> None:
    (frame,) = ask(client, **content)["frames"]
    assert (frame["width"], frame["height"]) == (64, 48)
    assert points(frame) == [(30, 12)]
    assert frame["picture"] is None


def test_the_detections_are_those_of_the_detector(client: TestClient) -> None:
    (frame,) = ask(client, files={"files": ("a.png", image(bright()))})["frames"]
    found = served().loaded(bright())
    assert [(each["x"], each["y"]) for each in frame["detections"]] == [tuple(at) for at in found.points.round(3)]
    assert [each["score"] for each in frame["detections"]] == pytest.approx(found.scores, abs=1e-6)


def test_frames_of_a_request_keep_their_order_and_names(client: TestClient) -> None:
    places = [(10 + 5 * index, 20) for index in range(9)]
    files = [("files", (f"/etc/{index}.png", image(bright(*place)))) for index, place in enumerate(places)]
    frames = ask(client, files=files)["frames"]
    assert [frame["name"] for frame in frames] == [f"{index}.png" for index in range(9)]
    assert [points(frame) for frame in frames] == [[place] for place in places]


FAINT = bright()
FAINT[30:33, 50:53] = 47  # a second target that scores 0.61, below the operating threshold


def test_a_threshold_gives_all_that_reach_it(client: TestClient) -> None:
    sent = {"files": {"files": ("a.png", image(FAINT))}}
    own, both, none = (ask(client, f"/detect{query}", **sent) for query in ("", "?threshold=0.5", "?threshold=1"))
    assert points(own["frames"][0]) == [(30, 12)]
    assert points(both["frames"][0]) == [(30, 12), (51, 31)]
    assert points(none["frames"][0]) == []
    assert client.get("/model").json()["least"] == 0.7  # regions of a mask flow together further down


def test_calibrated_scores_and_thresholds_are_probabilities() -> None:
    model = calibrated()
    calibration = model.loaded.bundle.calibration
    assert calibration is not None
    scores = served().find(FAINT, 0.5).scores
    above, below = (float(calibration(scores[1])) + off for off in (0.001, -0.001))
    with client_of(model) as client:
        for threshold, expected in ((above, scores[:1]), (below, scores)):
            answer = ask(client, f"/detect?threshold={threshold}", files={"files": ("a.png", image(FAINT))})
            found = [each["score"] for each in answer["frames"][0]["detections"]]
            assert found == pytest.approx(calibration(expected), abs=1e-6)
    assert answer["calibrated"] is True
    assert answer["threshold"] == pytest.approx(float(calibration(0.7)))


def test_a_picture_has_8_bit_and_a_bounded_size(client: TestClient) -> None:
    wide = np.full((32, 4000), 3000, dtype=np.uint16)
    sent = [("files", ("a.tif", image(DEEP, ".tiff"))), ("files", ("b.tif", image(wide, ".tiff")))]
    frames = ask(client, "/detect?pictures=true", files=sent)["frames"]
    pictures: list[Any] = [
        cv2.imdecode(np.frombuffer(base64.b64decode(each["picture"]), np.uint8), cv2.IMREAD_UNCHANGED)
        for each in frames
    ]
    assert [(each.dtype, each.shape) for each in pictures] == [(np.uint8, (48, 64)), (np.uint8, (16, 2048))]


def test_the_page_is_told_of_the_model() -> None:
    model = calibrated()
    with client_of(model) as client:
        told = client.get("/model").json()
    calibration = model.loaded.bundle.calibration
    assert calibration is not None
    assert [each["threshold"] for each in told["curve"]] == pytest.approx(calibration([0.9, 0.5]).tolist())
    assert [each["precision"] for each in told["curve"]] == [1.0, 0.5]
    assert [each["false_alarms_per_frame"] for each in told["curve"]] == [0.0, 0.6]
    assert told["calibration"][0]["probability"] == pytest.approx(float(calibration(0.0)))
    assert told["card"].startswith("# hat")


def test_state_and_figures(client: TestClient) -> None:
    ask(client, files={"files": ("a.png", image(bright()))})
    assert client.post("/detect", content=b"").status_code == 415
    assert (client.get("/health").status_code, client.get("/ready").status_code) == (200, 200)
    told = client.get("/metrics").text
    assert 'irstd_requests_total{path="/detect",status="200"} 1.0' in told
    assert 'irstd_requests_total{path="/detect",status="415"} 1.0' in told
    assert "irstd_frames_total 1.0" in told
    assert "irstd_requests_under_way 0.0" in told
    assert f'bundle="{served().hash[:12]}",name="hat",version=""' in told


def test_a_full_server_asks_to_come_again() -> None:
    with client_of(served(), admission=Admission(most=0)) as client:
        for answer in (client.post("/detect", content=image(bright())), client.get("/ready")):
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1
        assert client.get("/health").status_code == 200


def test_a_fault_of_the_server_is_one_line_and_frees_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    admission = Admission()
    with client_of(served(), admission=admission) as client:
        sent = {"files": {"files": ("a.png", image(bright()))}}
        for fault, status in ((RuntimeError("inside\nout"), 500), (DataError("of the frame"), 400)):

            def broken(*_: object, fault: Exception = fault) -> None:
                raise fault

            monkeypatch.setattr(ServedModel, "find", broken)
            answer = client.post("/detect", **sent)  # type: ignore[arg-type]
            assert answer.status_code == status
            assert len(answer.text.splitlines()) == 1
            assert "inside" not in answer.text
    assert (admission.requests, admission.bytes) == (0, 0)
