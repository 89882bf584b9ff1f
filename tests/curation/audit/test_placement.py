"""Labels that do not lie on targets."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.curation.audit import spots
from irstd.curation.audit.audit import Audit, check_dataset
from irstd.curation.audit.findings import Finding
from irstd.curation.audit.spots import Spots, spot_contrasts
from irstd.curation.demo import make_demo
from irstd.curation.writing import new_dataset
from irstd.datasets.canonical import DatasetInfo
from irstd.datasets.sample import Sample
from irstd.frames import read_image, read_mask
from irstd.labels.points import points_from_mask
from tests.datasets.build import block_mask
from tests.frames.skies import faint_sky
from tests.shared import SHARED, needs_shared

SIZE = (60, 60)
RULES = {
    "inverted-mask",
    "fractional-points",
    "swapped-points",
    "points-beside-targets",
    "labels-off-targets",
    "point-outside",
}
Change = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def made(count: int = 20) -> Iterator[Sample]:
    """Frames of noise with a target of 5×5 px each, anywhere but near the middle's diagonal."""
    rng = np.random.default_rng(0)
    for index in range(count):
        frame = rng.normal(60, 4, SIZE)
        column, row = rng.integers(30, 50), rng.integers(2, 22)
        mask = block_mask((int(column), int(row), 5), size=SIZE)
        frame[mask] += 60
        yield Sample(f"{index:02d}", frame.astype(np.uint8), points_from_mask(mask), mask)


def write(folder: Path, samples: list[Sample], *, with_points: bool) -> Audit:
    """Audit the samples as a dataset, every fourth frame val and test."""
    with new_dataset(folder, DatasetInfo(name=folder.name), with_points=with_points) as writer:
        for index, sample in enumerate(samples):
            writer.add(sample, ("train", "train", "val", "test")[index % 4])
    return check_dataset(folder)


def points_alone(folder: Path, change: Change) -> Audit:
    return write(folder, [Sample(s.name, s.frame, change(s.points)) for s in made(60)], with_points=True)


def of_placement(audit: Audit) -> list[Finding]:
    return [finding for finding in audit.findings if finding.rule in RULES]


def test_good_labels_have_no_finding_and_a_contrast_without_masks_too(tmp_path: Path) -> None:
    audit = points_alone(tmp_path / "points", lambda points: points)
    assert of_placement(audit) == []
    contrast = audit.statistics.splits["train"].contrast_sigma
    assert contrast.median is not None
    assert contrast.median > 8
    assert of_placement(write(tmp_path / "masks", list(made()), with_points=False)) == []


@pytest.mark.parametrize(
    ("change", "severity", "rule"),
    [
        (lambda points: points[:, ::-1], "error", "swapped-points"),
        (lambda points: points / 60, "error", "fractional-points"),
        (lambda points: points - 6, "warning", "points-beside-targets"),
        (lambda points: points + np.array((-6, 6)), "warning", "points-beside-targets"),
        (lambda points: np.full((1, 2), 10.0) + points % 7, "warning", "labels-off-targets"),
    ],
)
def test_points_that_lie_on_something_else(tmp_path: Path, change: Change, severity: str, rule: str) -> None:
    def shifted(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(change(points), -0.5, 59.5)

    (finding,) = of_placement(points_alone(tmp_path / "set", shifted))
    assert (finding.severity, finding.rule) == (severity, rule)
    assert len(finding.names) >= 10
    assert len(finding.message) < 300


def test_masks_of_other_frames(tmp_path: Path) -> None:
    samples = list(made(60))
    moved = [Sample(a.name, a.frame, b.points, b.mask) for a, b in zip(samples, samples[1:] + samples[:1], strict=True)]
    (finding,) = of_placement(write(tmp_path / "set", moved, with_points=False))
    assert (finding.rule, finding.severity) == ("labels-off-targets", "warning")
    assert finding.message.startswith("masks: ")


def test_one_split_of_other_labels_is_enough(tmp_path: Path) -> None:
    samples = list(made(60))
    for index in range(3, 60, 4):  # test
        samples[index] = Sample(samples[index].name, samples[index].frame, np.array([[9.0, 50.0]]))
    pointed = [Sample(sample.name, sample.frame, sample.points) for sample in samples]
    (finding,) = of_placement(write(tmp_path / "set", pointed, with_points=True))
    assert finding.rule == "labels-off-targets"
    assert set(finding.names) <= {f"{index:02d}" for index in range(3, 60, 4)}


def test_inverted_masks_are_an_error_that_names_them(tmp_path: Path) -> None:
    samples = [Sample(s.name, s.frame, s.points, s.mask) for s in made()]
    mask = samples[3].mask
    assert mask is not None
    samples[3] = Sample("03", samples[3].frame, points_from_mask(~mask), ~mask)
    (finding,) = of_placement(write(tmp_path / "set", samples, with_points=False))
    assert (finding.severity, finding.rule, finding.names) == ("error", "inverted-mask", ("03",))


def test_points_outside_that_are_swapped_are_told_so(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    points_alone(folder, lambda points: points)
    (folder / "points.csv").write_text("frame,x,y\n00,10,70\n")
    (finding,) = of_placement(check_dataset(folder))
    assert "swapped" not in finding.message
    wide = Sample("w", np.random.default_rng(1).integers(0, 99, (30, 80), dtype=np.uint8), np.zeros((0, 2)))
    with new_dataset(tmp_path / "wide", DatasetInfo(name="wide"), with_points=True) as writer:
        for split in ("train", "val", "test"):
            writer.add(Sample(split, wide.frame + np.uint8(len(split)), wide.points), split)
    (tmp_path / "wide/points.csv").write_text("frame,x,y\ntrain,10,70\n")
    (finding,) = of_placement(check_dataset(tmp_path / "wide"))
    assert (finding.rule, "x and y look swapped" in finding.message) == ("point-outside", True)


def test_contrasts_by_hand() -> None:
    flat = np.full((40, 40), 50, dtype=np.uint8)
    assert spot_contrasts(flat).max() == 0
    flat[20, 20] = 95
    assert np.isinf(spot_contrasts(flat)[20, 20])
    checks = np.where(np.indices((40, 40)).sum(axis=0) % 2, 60, 40).astype(np.uint8)
    checks[19:22, 19:22] = 100
    found = Spots.of(checks, np.array([[21.0, 20.0], [-3.0, 5.0], [26.0, 15.0]]))
    np.testing.assert_allclose(found.contrasts[0], 5, rtol=0.02)  # 50 levels above a ring of σ 10
    assert np.isnan(found.contrasts[1])
    assert found.ranks[0] > 0.95
    np.testing.assert_array_equal(found.offsets[[0, 2]], [(-1, 0), (-6, 5)])


def test_strips_of_a_large_frame_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = np.random.default_rng(0).integers(3000, 3090, (90, 40), dtype=np.uint16)
    whole = spot_contrasts(frame)
    monkeypatch.setattr(spots, "_ROWS", 16)
    np.testing.assert_allclose(spot_contrasts(frame), whole, rtol=1e-5)


def sirst() -> Iterator[Sample]:
    folder = SHARED / "open-sirst-v1"
    for path in sorted((folder / "mixed").glob("*.png"))[::6]:
        yield masked(path, folder / "annotations/masks" / f"{path.stem}_pixels0.png")


def nudt() -> Iterator[Sample]:
    folder = SHARED / "nudt-sirst"
    for path in sorted((folder / "images").glob("*.png"))[::18]:
        yield masked(path, folder / "masks" / path.name)


def masked(frame: Path, mask: Path) -> Sample:
    levels = read_mask(mask)
    return Sample(frame.stem, read_image(frame), points_from_mask(levels), levels)


def drone_ir() -> Iterator[Sample]:
    folder, points = SHARED / "drone-ir", dict[str, list[tuple[float, float]]]()
    with (folder / "points.csv").open() as file:
        for row in csv.DictReader(file):
            points.setdefault(row["frame"], []).append((float(row["x"]), float(row["y"])))
    for name in sorted(points)[::4]:
        yield Sample(name.removesuffix(".png"), read_image(folder / "frames" / name), np.array(points[name]))


@needs_shared
@pytest.mark.parametrize("samples", [sirst, nudt, drone_ir])
def test_real_sets_have_no_finding(tmp_path: Path, samples: Callable[[], Iterator[Sample]]) -> None:
    audit = write(tmp_path / "set", list(samples()), with_points=samples is drone_ir)
    assert of_placement(audit) == []


def test_the_demo_set_has_no_finding(tmp_path: Path) -> None:
    make_demo(tmp_path / "demo", 60)
    assert of_placement(check_dataset(tmp_path / "demo")) == []


def test_targets_of_a_deep_sky_stand_out_of_it_as_in_its_8_bit_twin() -> None:
    sky = faint_sky()
    deep, twin = (Spots.of(frame, sky.points) for frame in (sky.deep, sky.twin))
    assert np.median(deep.ranks) > 0.98
    assert np.median(deep.contrasts) == pytest.approx(np.median(twin.contrasts), rel=0.3)
