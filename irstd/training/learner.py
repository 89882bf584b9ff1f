"""The optimizer step and its state."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from irstd.errors import TrainingError, lookup
from irstd.losses import LOSSES, LossState
from irstd.models.base import Detector
from irstd.training.config import FitConfig
from irstd.training.crops import Batch
from irstd.training.device import compiler_works, find_device, find_precision
from irstd.training.ema import WeightAverage
from irstd.training.optimizer import PlainAdamW
from irstd.training.schedule import rate_factor

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


class Learner:
    """A detector in training, with its optimizer and its averaged copy.

    Attributes:
        average: the averaged copy, whose weights are scored and kept.
        notes: deviations from the settings, as sentences.
    """

    def __init__(self, detector: Detector, config: FitConfig) -> None:
        """Move `detector` to the device of the settings.

        Raises:
            ComputeError: the settings need a GPU and there is none.
            UnknownNameError: no such loss.
        """
        self.config, self.device, self.precision = config, find_device(config.device), find_precision(config)
        self.loss = lookup(LOSSES, config.loss or str(detector.loss), "loss")
        self.detector = detector.to(self.device).to(memory_format=torch.channels_last)
        self.average = WeightAverage(self.detector, config.ema_decay)
        self.trained = {name: weight for name, weight in detector.named_parameters() if weight.requires_grad}
        # The plain step asks MKL for square roots, whose last bit depends on the processor; the fused one does not.
        self.optimizer = PlainAdamW(
            self.trained.values(),
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            fused=self.device.type == "cpu",
        )
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.precision is torch.float16)
        self.notes: tuple[str, ...] = ()
        self.paths: Callable[..., tuple[tuple[Tensor, ...], ...]] = self.detector.paths
        if config.compile:
            self._compile()

    def learn(self, step: int, batch: Batch) -> float:
        """Take one step on `batch` and return its loss; `step` counts from 0.

        Raises:
            TrainingError: the loss or the gradient is not finite; the message names the step and the frames.
        """
        # Random layers depend on the step alone, so that a fit can be resumed.
        torch.manual_seed(int(np.random.SeedSequence((self.config.seed, step)).generate_state(1)[0]))
        self.detector.train()
        images = batch.images.to(self.device, memory_format=torch.channels_last)
        with torch.autocast(self.device.type, self.precision, enabled=self.precision is not torch.float32):
            paths = self.paths(images, batch.views) if batch.views else self.paths(images)
        label = batch.labels.to(self.device)
        state = LossState(self.config.positive_weight, progress=step / self.config.steps)
        loss = torch.stack([self.loss([raw.float() for raw in path], label, state) for path in paths]).sum()
        value = float(loss.detach())
        self._check("loss", value, step, batch)
        self.optimizer.zero_grad()
        torch.autograd.backward(self.scaler.scale(loss))
        self._check("gradient", self._clip(), step, batch)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate(step)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.average.update(self.detector, step + 1)
        return value

    def rate(self, step: int) -> float:
        """Return the learning rate of `step`, counted from 0."""
        return self.config.learning_rate * rate_factor(step, self.config.steps, self.config.warmup_steps)

    def averaged(self) -> dict[str, Tensor]:
        """Return a copy of the averaged state by name, contiguous and on the CPU."""
        return {name: tensor.cpu().contiguous().clone() for name, tensor in self.average.detector.state_dict().items()}

    def state(self) -> dict[str, Tensor]:
        """Return the tensors that `restore` needs, by name."""
        found = {f"model/{name}": tensor for name, tensor in self.detector.state_dict().items()}
        found |= {f"average/{name}": tensor for name, tensor in self.average.detector.state_dict().items()}
        for name, weight in self.trained.items():
            found |= {f"optimizer/{moment}/{name}": self.optimizer.state[weight][moment] for moment in _MOMENTS}
        return found

    def restore(self, state: Mapping[str, Tensor], scaler: Mapping[str, Any]) -> None:
        """Continue from a `state` of the same detector and settings."""
        self.detector.load_state_dict(_part(state, "model/"))
        self.average.detector.load_state_dict(_part(state, "average/"))
        for name, weight in self.trained.items():
            for moment in _MOMENTS:
                kept = state[f"optimizer/{moment}/{name}"]
                fresh = kept.clone() if moment == "step" else torch.empty_like(weight).copy_(kept)
                self.optimizer.state[weight][moment] = fresh
        self.scaler.load_state_dict(dict(scaler))

    def _compile(self) -> None:
        torch.use_deterministic_algorithms(True, warn_only=True)  # tells the compiler, too
        if compiler_works(self.device):
            self.paths = torch.compile(self.detector.paths)
        else:
            self.notes = ("train.compile: torch found no working compiler here, so the fit ran without one",)

    def _clip(self) -> float:
        """Clip the gradient; return its L2 norm before, or 0 if a gradient scaler checks it."""
        self.scaler.unscale_(self.optimizer)
        limit = math.inf if self.config.gradient_clip is None else self.config.gradient_clip
        norm = float(torch.nn.utils.clip_grad_norm_(self.trained.values(), limit))
        return 0.0 if self.scaler.is_enabled() else norm

    def _check(self, what: str, value: float, step: int, batch: Batch) -> None:
        if not math.isfinite(value):
            frames = ", ".join(sorted(set(batch.names)))
            raise TrainingError(
                f"step {step + 1} of {self.config.steps}: the {what} is {value}, with crops of the frames {frames};"
                " look at these, or lower train.learning_rate"
            )


def _part(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
