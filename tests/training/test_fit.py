from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from irstd.errors import ComputeError, TrainingError, UnknownNameError
from irstd.losses import LOSSES, LossState
from irstd.losses.weighted_mse import weighted_mse
from irstd.models.base import Detector
from irstd.training import learner as learner_module
from irstd.training.checkpoint import FileShelf
from irstd.training.config import FitConfig
from irstd.training.crops import Batch, Crops
from irstd.training.curve import CurveRow
from irstd.training.fit import FitResult, _origin, fit
from tests.training.tiny import TinyResponse, build, scenes

CONFIG = FitConfig(
    steps=12, batch=4, crop=32, warmup_steps=2, validate_every=4, row_every=2, label="gaussian", precision="fp32"
)


def run(config: FitConfig = CONFIG, **hooks: object) -> FitResult:
    return fit(build(config), scenes(), config, **hooks)  # type: ignore[arg-type]


def weight_sum(detector: Detector) -> dict[str, float | None]:
    """A score that any change of the weights changes."""
    return {"hse": float(sum(weight.abs().sum() for weight in detector.parameters()))}


class Scores:
    """A validation that gives the given scores one after another."""

    def __init__(self, *scores: float | None) -> None:
        self.left = list(scores)

    def __call__(self, detector: Detector) -> Mapping[str, float | None]:
        return {"hse": self.left.pop(0), "f1": 0.5}


def test_same_seed_same_bytes_other_seed_others() -> None:
    first, again, other = run(), run(), run(replace(CONFIG, seed=1))
    assert save(first.weights) == save(again.weights)
    assert first.rows == again.rows
    assert save(first.weights) != save(other.weights)


@pytest.mark.parametrize("stop", [1, 6, 11])
def test_interrupted_and_resumed_equals_uninterrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    whole = run(validate=weight_sum, checkpoint=FileShelf(tmp_path / "whole"))
    real = learner_module.Learner.learn
    seen: list[CurveRow] = []

    def interrupted(self: learner_module.Learner, step: int, batch: Batch) -> float:
        if step == stop:
            raise KeyboardInterrupt
        return real(self, step, batch)

    monkeypatch.setattr(learner_module.Learner, "learn", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(validate=weight_sum, checkpoint=FileShelf(tmp_path / "parts"), on_row=seen.append)
    monkeypatch.setattr(learner_module.Learner, "learn", real)
    assert (tmp_path / "parts").exists() == (stop >= CONFIG.validate_every)
    resumed = run(validate=weight_sum, checkpoint=FileShelf(tmp_path / "parts"))
    assert save(resumed.weights) == save(whole.weights)
    assert (resumed.rows, resumed.step, resumed.score) == (whole.rows, whole.step, whole.score)
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()
    assert list(whole.rows[: len(seen)]) == seen


def test_a_finished_fit_is_read_back_without_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(checkpoint=FileShelf(tmp_path / "fit"))
    monkeypatch.setattr(learner_module.Learner, "learn", None)
    again = run(checkpoint=FileShelf(tmp_path / "fit"))
    assert save(again.weights) == save(whole.weights)
    assert again.rows == whole.rows


def test_a_checkpoint_of_another_fit_is_refused(tmp_path: Path) -> None:
    run(checkpoint=FileShelf(tmp_path / "fit"))
    with pytest.raises(TrainingError, match=r"another fit: learning_rate 0.005 \(now 0.001\); remove it"):
        run(replace(CONFIG, learning_rate=1e-3), checkpoint=FileShelf(tmp_path / "fit"))
    with pytest.raises(TrainingError, match="another fit: frames "):
        fit(build(CONFIG), scenes(3), CONFIG, checkpoint=FileShelf(tmp_path / "fit"))


@pytest.mark.parametrize(
    ("scores", "step", "hse"),
    [
        ((10.0, 30.0, 20.0), 8, 30.0),
        ((30.0, 30.0, 30.0), 4, 30.0),
        ((None, 0.0, None), 8, 0.0),
        ((None, None, None), 12, None),
    ],
)
def test_the_best_score_decides_which_weights_are_kept(
    scores: tuple[float | None, ...], step: int, hse: float | None
) -> None:
    taken: dict[int, dict[str, torch.Tensor]] = {}
    give = Scores(*scores)

    def validate(detector: Detector) -> Mapping[str, float | None]:
        taken[4 * (len(taken) + 1)] = {name: value.clone() for name, value in detector.state_dict().items()}
        return give(detector)

    detector = build(CONFIG)
    result = fit(detector, scenes(), CONFIG, validate=validate)
    assert (result.step, result.score) == (step, hse)
    for name, value in detector.state_dict().items():
        assert torch.equal(value, result.weights[name])
        assert torch.equal(value, taken[step][name])


def test_another_figure_may_decide() -> None:
    left = [{"hse": hse, "hse_2": hse_2} for hse, hse_2 in ((1.0, 5.0), (2.0, 9.0), (3.0, 4.0))]
    result = run(replace(CONFIG, decides="hse_2"), validate=lambda _: left.pop(0))
    assert (result.step, result.score) == (8, 9.0)


def test_a_checkpoint_from_before_there_was_a_choice_goes_on() -> None:
    crops = Crops(build(CONFIG), scenes(), CONFIG)
    assert "decides" not in _origin(build(CONFIG), crops, CONFIG)
    assert _origin(build(CONFIG), crops, replace(CONFIG, decides="hse_2"))["decides"] == "hse_2"


def test_the_curve() -> None:
    rows: list[CurveRow] = []
    result = run(replace(CONFIG, steps=11), validate=Scores(1.0, 2.0, 3.0), on_row=rows.append)
    assert tuple(rows) == result.rows
    assert [row.step for row in rows] == [2, 4, 6, 8, 10, 11]
    assert [dict(row.scores) for row in rows[:3]] == [{}, {"hse": 1.0, "f1": 0.5}, {}]
    assert rows[0].learning_rate == CONFIG.learning_rate
    assert rows[-1].learning_rate < rows[0].learning_rate / 10


def test_without_validation_the_last_weights_are_kept() -> None:
    result = run()
    assert (result.step, result.score) == (12, None)
    assert all(not row.scores for row in result.rows)


def test_the_detector_ends_plain_in_eval_mode_and_threads_are_restored() -> None:
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    detector = build(CONFIG)
    fit(detector, scenes(), replace(CONFIG, threads=2))
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before
    assert not detector.training
    assert all(weight.is_contiguous() for weight in detector.parameters())


def test_frozen_weights_stay() -> None:
    detector = build(CONFIG)
    frozen = next(detector.parameters()).requires_grad_(False)
    before = frozen.clone()
    fit(detector, scenes(), CONFIG)
    assert torch.equal(before, frozen)


def test_the_loss_falls() -> None:
    config = replace(CONFIG, steps=150, row_every=15, validate_every=150)
    rows = run(config).rows
    assert rows[-1].loss < 0.5 * rows[0].loss


def test_bf16_learns_too() -> None:
    config = replace(CONFIG, steps=60, row_every=15, validate_every=60, precision="bf16")
    rows = run(config).rows
    assert rows[-1].loss < rows[0].loss


def test_a_loss_that_is_no_number_names_step_and_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def poisoned(outputs: Sequence[torch.Tensor], label: torch.Tensor, state: LossState) -> torch.Tensor:
        calls.append(outputs)
        return weighted_mse(outputs[0], label) * (float("nan") if len(calls) == 6 else 1.0)

    monkeypatch.setitem(LOSSES, "weighted_mse", poisoned)
    with pytest.raises(TrainingError, match=r"^step 6 of 12: the loss is nan, with crops of the frames target-0; look"):
        fit(build(CONFIG), scenes(1, 0), CONFIG)


def test_a_gradient_that_is_no_number_names_step_and_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    def poisoned(outputs: Sequence[torch.Tensor], label: torch.Tensor, state: LossState) -> torch.Tensor:
        return (outputs[0] - outputs[0].detach()).abs().sqrt().sum()  # 0, with an infinite slope

    monkeypatch.setitem(LOSSES, "weighted_mse", poisoned)
    names = r"(empty|target)-\d"
    with pytest.raises(TrainingError, match=rf"^step 1 of 12: the gradient is nan, .* frames {names}(, {names})*; "):
        run()


def test_infinite_weights_stop_at_the_first_step() -> None:
    detector = build(CONFIG)
    with torch.no_grad():
        next(detector.parameters()).fill_(float("inf"))
    with pytest.raises(TrainingError, match=r"^step 1 of 12: the loss is nan"):
        fit(detector, scenes(), CONFIG)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is there")
def test_a_gpu_that_is_not_there_is_named() -> None:
    with pytest.raises(ComputeError, match=r"train\.device: cuda was asked for, but torch sees no GPU here"):
        run(replace(CONFIG, device="cuda"))


def test_an_unknown_loss_is_named() -> None:
    with pytest.raises(UnknownNameError, match="unknown loss 'weighted_mae': did you mean weighted_mse"):
        run(replace(CONFIG, loss="weighted_mae"))


def test_a_detector_without_weights_is_refused() -> None:
    with pytest.raises(TrainingError, match="TinyResponse: has no weights to train"):
        fit(build(CONFIG).requires_grad_(False), scenes(), CONFIG)


def test_without_a_compiler_the_fit_runs_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner_module, "compiler_works", lambda device: False)
    plain, compiled = run(), run(replace(CONFIG, compile=True))
    assert compiled.notes == ("train.compile: torch found no working compiler here, so the fit ran without one",)
    assert save(plain.weights) == save(compiled.weights)


def test_whole_frames_of_16_bit_can_be_trained_on() -> None:
    samples = [replace(sample, frame=sample.frame.astype(np.uint16) * 40) for sample in scenes()]
    config = replace(CONFIG, crop=None, label="prps")
    assert len(fit(TinyResponse(), samples, config).rows) == 6
