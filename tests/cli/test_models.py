"""The authors' SPIRE as a bundle of ours."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.published.basic_irstd import PointCounts, pooled_points, spire_counts
from irstd.frames import read_image
from irstd.models.bundle import load_detector
from tests.cli.running import fails, run
from tests.shared import SHARED, needs_shared

OFFICIAL = SHARED / "spire-official"


@needs_shared
@pytest.mark.slow
def test_the_imported_bundle_finds_what_the_authors_found(outside: Path) -> None:
    ran = run("models", "import-spire", OFFICIAL / "SPIRE-SIRST4-512.safetensors", "--out", outside / "spire-authors")
    assert ran.code == 0, ran
    assert "294,753 parameters" in ran.out[0]
    assert "references: {spire-authors:" in ran.out[1]
    loaded = load_detector(outside / "spire-authors")
    assert loaded.bundle.warnings
    images = json.loads((OFFICIAL / "detections_test_v1.json").read_text())["images"]
    assert len(images) == 86
    counts = []
    for at, (name, theirs) in enumerate(images.items()):
        counts.append(spire_counts(np.reshape(theirs["truth"], (-1, 2)), np.reshape(theirs["points"], (-1, 2))))
        if at % 3 and counts[-1].fp == counts[-1].fn == 0:  # a third of the easy frames, and all on which they err
            continue
        found = loaded(read_image(SHARED / "open-sirst-v1" / "mixed" / f"{name}.png"))
        np.testing.assert_allclose(found.points, np.reshape(theirs["points"], (-1, 2)), atol=0.05, err_msg=name)
        np.testing.assert_allclose(found.scores, np.clip(theirs["scores"], 0, 1), atol=1e-3, err_msg=name)
        assert spire_counts(np.reshape(theirs["truth"], (-1, 2)), found.points) == counts[-1]
    assert pooled_points(counts) == PointCounts(tp=105, fp=1, fn=4)


def test_a_file_that_is_no_checkpoint_makes_no_bundle(outside: Path) -> None:
    (outside / "x.safetensors").write_bytes(b"nothing")
    line = fails("models", "import-spire", "x.safetensors", "--out", "bundle")
    assert line.startswith("error: x.safetensors: no safetensors file that can be read")
    assert not (outside / "bundle").exists()


def test_the_card_is_of_the_bundle_and_goes_beside_it(shipped: Path) -> None:
    ran = run("models", "show", "pretrained")
    assert (ran.code, ran.out[0]) == (0, "# pretrained")
    assert run("models", "show", shipped, "--out", shipped / "card.md").code == 0
    assert (shipped / "card.md").read_text().splitlines() == ran.out
    assert load_detector(shipped).hash[:12] in ran.out[2]
    assert fails("models", "show", "mine").startswith("error: mine: no such bundle")
