"""How much faster than a plain loop a fit learns: `python benchmarks/training_speed.py [--repeats 5] [--no-compile]`.

The plain loop is what a repository of the field does: decode the frame, draw its label, one whole 512 × 512 frame after
the other in batches of 8, float32, eager. Ours is the fit itself (`irstd.training`), with the same network, loss and
optimizer, on frames decoded once: whole frames, and crops as the profiles have them. All in one run, in turns; medians.
Pixels learned a second are compared, so that crops count by their area.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from irstd.curation.demo import make_demo
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.sample import Sample
from irstd.frames import place_square, read_image, to_8bit, to_grey
from irstd.labels.response import prps_response
from irstd.losses.weighted_mse import weighted_mse
from irstd.models.registry import build
from irstd.training.config import FitConfig
from irstd.training.crops import Crops
from irstd.training.device import onednn_for_1x1, seeded
from irstd.training.learner import Learner

SIZE, BATCH, FRAMES = 512, 8, 40
WHOLE = FitConfig(crop=None, positive_weight=0.0, warmup_steps=1, paste=0.5)
CROPS = replace(WHOLE, crop=160, batch=8)


@dataclass(frozen=True)
class Way:
    """One way to learn: its name, one step of it, and the pixels of a step."""

    name: str
    step: Callable[[], object]
    pixels: int


def plain(dataset: CanonicalDataset) -> Way:
    """The loop of the field."""
    names = dataset.splits["train"]
    detector = build("spire", {"size": SIZE}).train()
    optimizer = torch.optim.AdamW(detector.parameters(), lr=5e-3, weight_decay=1e-4)
    order: Iterator[int] = iter(np.random.default_rng(0).integers(len(names), size=100_000).tolist())

    def example(sample: Sample, path: Path) -> tuple[torch.Tensor, torch.Tensor]:
        frame = to_grey(to_8bit(read_image(path)))
        placement = place_square(frame.shape[0], frame.shape[1], SIZE)
        levels = placement.warp(frame)
        label = prps_response(levels, placement.to_input(sample.points), detector.stride)
        return detector.input.tensor(levels), torch.from_numpy(label)[None]

    def step() -> None:
        chosen = [names[next(order)] for _ in range(BATCH)]
        pairs = [example(samples[name], dataset.folder / "images" / f"{name}.png") for name in chosen]
        images, labels = (torch.stack(part) for part in zip(*pairs, strict=True))
        loss = weighted_mse(detector(images), labels)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()

    samples = {name: dataset.sample(name) for name in names}
    return Way("plain loop, 512² frames, batch 8, float32", step, BATCH * SIZE * SIZE)


def ours(name: str, samples: list[Sample], config: FitConfig, *, onednn: bool = True) -> Way:
    """The fit's own step; with `onednn` False, torch chooses the code of 1 × 1 convolutions."""
    detector = build("spire", {"size": SIZE})
    crops, learner = Crops(detector, samples, config), Learner(detector, config)
    numbers = iter(range(config.steps))
    pool = ThreadPoolExecutor(max_workers=1)
    ahead = [pool.submit(crops.batch, 0)]  # the next batch is cut while the current one is learned, as in a fit

    def step() -> None:
        number = next(numbers)
        batch = ahead.pop().result()
        ahead.append(pool.submit(crops.batch, number + 1))
        with onednn_for_1x1(detector) if onednn else nullcontext():
            learner.learn(number, batch)

    return Way(name, step, config.batch * (config.crop or SIZE) ** 2)


def timed(ways: list[Way], repeats: int) -> dict[str, float]:
    """The median time a pixel of each way in s, taken in turns after two steps of warm-up (which compile)."""
    times: dict[str, list[float]] = {way.name: [] for way in ways}
    for way in ways:
        print(f"  warming up: {way.name}", flush=True)
        way.step()
        way.step()
    for repeat in range(repeats):
        for way in ways:
            start = time.perf_counter()
            way.step()
            times[way.name].append((time.perf_counter() - start) / way.pixels)
        print(f"  {repeat + 1} of {repeats}", flush=True)
    return {name: statistics.median(each) for name, each in times.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--no-compile", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, seeded(0, options.threads):
        make_demo(Path(scratch) / "demo", FRAMES, 0)
        dataset = CanonicalDataset.open(Path(scratch) / "demo")
        samples = list(dataset.samples("train"))
        common = {"threads": options.threads, "compile": not options.no_compile}
        demo = replace(CROPS, crop=96, precision="fp32", threads=options.threads)
        ways = [
            plain(dataset),
            ours("ours, the same frames, batch 8", samples, replace(WHOLE, batch=8, **common)),
            ours("ours, the same frames, batch 2", samples, replace(WHOLE, batch=2, **common)),
            ours("ours, 160² crops of them, batch 8", samples, replace(CROPS, **common)),
            ours("ours, 96² crops, batch 8, float32, eager", samples, demo),
            ours("the same, 1 × 1 convolutions left to torch", samples, demo, onednn=False),
        ]
        medians = timed(ways, options.repeats)
    reference = medians[ways[0].name]
    print(f"\n{options.threads} threads, {'eager' if options.no_compile else 'torch.compile'}; 512² frames a second")
    for way in ways:
        rate = 1.0 / (medians[way.name] * SIZE * SIZE)
        print(f"  {way.name:<44} {rate:6.2f}   {reference / medians[way.name]:5.1f} ×")


if __name__ == "__main__":
    main()
