"""The experiment on FDEP in small: in pieces to the same bytes, and what its table says."""

from pathlib import Path

import cv2
import pytest
import timm
import torch
from safetensors.torch import save_file

from benchmarks import fdep_experiment
from benchmarks.fdep_table import ARMS, SEEDS, Fits, finished_fits, show_differences
from irstd.comparison.stored import COUNTS_FILE
from irstd.metrics import FrameCounts, ScoredFrame, count_frame
from tests.metrics.scenes import drawn, square
from tests.training.tiny import scenes


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three splits of frames of 64 × 64 px with masks."""
    folder = tmp_path_factory.mktemp("data") / "tiny"
    for part in ("images", "masks", "splits"):
        (folder / part).mkdir(parents=True)
    for split, seed in (("train", 0), ("val", 1), ("test", 2)):
        samples = scenes(3, 0, seed=seed)
        for sample in samples:
            assert sample.mask is not None
            cv2.imwrite(str(folder / "images" / f"{split}-{sample.name}.png"), sample.frame)
            cv2.imwrite(str(folder / "masks" / f"{split}-{sample.name}.png"), sample.mask.astype("uint8") * 255)
        (folder / "splits" / f"{split}.txt").write_text("".join(f"{split}-{sample.name}\n" for sample in samples))
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vit") / "vit.safetensors"
    torch.manual_seed(3)
    save_file(timm.create_model("test_vit", num_classes=0).state_dict(), path)
    return path


def arguments(dataset: Path, weights: Path, out: Path, *more: str) -> list[str]:
    small = ["--foundation", "test_vit", "--taps", "0", "2", "3", "5", "--side", "80", "--steps", "2"]
    return [str(dataset), "--weights", str(weights), "--out", str(out), *small, *more]


def test_in_pieces_it_leaves_what_it_leaves_in_one_go(dataset: Path, weights: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert fdep_experiment.main(arguments(dataset, weights, whole, "--seeds", "7")) == 0
    assert {(arm, seed) for arm, seed, *_ in finished_fits(whole)} == {("plain", 7), ("dinov2", 7), ("random", 7)}
    assert [path.name for path in (whole / "features").iterdir()] == ["dinov2"]  # a random ViT's serve one fit
    in_pieces = arguments(dataset, weights, parts, "--seeds", "7", "--arms", "dinov2", "--minutes", "0")
    assert fdep_experiment.main(in_pieces) == 3
    assert not list(finished_fits(parts))
    assert fdep_experiment.main(in_pieces) == 0
    for name in ("bundle/weights.safetensors", "bundle/bundle.json", "curve.csv", COUNTS_FILE):
        assert (whole / "dinov2-7" / name).read_bytes() == (parts / "dinov2-7" / name).read_bytes()
    assert fdep_experiment.main(arguments(dataset, weights, parts, "--side", "64")) == 1


def test_the_protocol_is_the_fixed_one(dataset: Path, weights: Path, tmp_path: Path) -> None:
    options = fdep_experiment._parser().parse_args([str(dataset), "--weights", str(weights), "--out", str(tmp_path)])
    plain, taught = (fdep_experiment.fit_of(options, 7, arm) for arm in ("plain", "dinov2"))
    assert plain.config == taught.config
    fixed: dict[str, object] = {
        "crop": None,
        "scale": (1.0, 1.0),
        "rotate": 0,
        "paste": 0,
        "jitter": 0,
        "batch": 8,
        "steps": 4000,
    }
    fixed |= {"learning_rate": 0.003, "weight_decay": 0.02, "ema_decay": 0.998, "gradient_clip": None, "flip": True}
    assert {name: getattr(plain.config, name) for name in fixed} == fixed
    assert (options.seeds, options.arms, plain.detector, plain.model) == (SEEDS, ARMS, "acm", {})
    assert (taught.model["taps"], taught.model["side"], taught.config.decides) == ((2, 4, 6, 8), 266, "hse_2")


def found_in(share: float) -> list[FrameCounts]:
    """Twenty frames with a target each, found in this share of them; beside it stands a false alarm."""
    truth = drawn((12, 12), {square(2, 2): 1}) > 0
    kinds = [
        drawn((12, 12), {square(2, 2): 0.9, square(8, 8): 0.3}),
        drawn((12, 12), {square(8, 8): 0.5}),
    ]
    return [count_frame(ScoredFrame(f"{i:02}", truth, kinds[i >= 20 * share])) for i in range(20)]


@pytest.mark.parametrize(("levels", "said"), [((0.2, 0.9, 0.2), "gain"), ((0.2, 0.9, 0.9), "no gain shown")])
def test_a_gain_is_one_against_plain_and_random(
    levels: tuple[float, float, float], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fits: Fits = {
        arm: {str(seed): found_in(share) for seed in SEEDS}
        for arm, share in zip(("plain", "dinov2", "random"), levels, strict=True)
    }
    show_differences(fits, resamples=200)
    assert capsys.readouterr().out.splitlines()[-1] == said
