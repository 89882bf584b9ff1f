"""Cost of FDEP, none in the deployed network, and in training: `python benchmarks/fdep.py [--host acm]`.

First the host that a fit by FDEP leaves behind beside the plain host, through a bundle: parameters, multiply-adds,
outputs bit for bit, time a frame. Then a step of training, the fit's own, of the plain host, of FDEP, and of FDEP with
the features of its foundation model kept (`model.cache`), which whole frames alone can use. All in one run, in turns;
medians of processor time, on one thread, which says the same on a busy machine. The foundation model is random: weights
change no time.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import cycle
from pathlib import Path

import torch

from irstd.models.base import Detector, Rules
from irstd.models.bundle import Bundle, bundle_files, load_files
from irstd.models.cost import count_gmac, count_parameters
from irstd.models.registry import build
from irstd.training.config import FitConfig
from irstd.training.crops import Batch
from irstd.training.device import seeded
from irstd.training.learner import Learner

Ways = Mapping[str, Callable[[], object]]


def batches(config: FitConfig, side: int) -> list[Batch]:
    """Two batches of noise with a target each; what is on a frame changes no time."""
    shape = (config.batch, 1, side, side)
    labels = torch.zeros(shape)
    labels[:, :, 20:24, 30:33] = 1.0
    return [Batch(torch.rand(shape), labels, ("noise",) * config.batch) for _ in range(2)]


def timed(ways: Ways, repeats: int) -> dict[str, float]:
    """The median processor time of each way in s, taken in turns after two rounds of warm-up."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(-2, repeats):
        for name, way in ways.items():
            start = time.process_time()
            way()
            if repeat >= 0:
                times[name].append(time.process_time() - start)
    return {name: statistics.median(each) for name, each in times.items()}


def learned(detector: Detector, config: FitConfig, side: int) -> Detector:
    """`detector` after a step, so that it is no longer what building it gave."""
    Learner(detector, config).learn(0, batches(config, side)[0])
    return detector.to(memory_format=torch.contiguous_format).eval()


def show_deployed(host: str, taught: Detector, side: int, repeats: int) -> None:
    """Print the deployed network beside the plain host.

    Raises:
        SystemExit: they are not the same.
    """
    shipped = load_files(bundle_files(taught.deployed(), Bundle(host, {}, Rules()))).detector
    plain = build(host, {}).eval()
    costs = [(count_parameters(each), count_gmac(each, 256), count_gmac(each, 512)) for each in (plain, shipped)]
    plain.load_state_dict(shipped.state_dict())
    image = torch.rand(1, plain.input.channels, side, side)
    with torch.inference_mode():
        outputs = [each(image) for each in (plain, shipped, taught)]
        found = timed({"plain": partial(plain, image), "shipped": partial(shipped, image)}, repeats)
    same = all(torch.equal(outputs[0], each) for each in outputs[1:])
    print(f"deployed, {host} and fdep-{host}; frames of {side}²")
    for name, (parameters, *gmac) in zip((host, f"fdep-{host}"), costs, strict=True):
        print(f"  {name:<16} {parameters:>10,} parameters   {gmac[0]:.3f} GMAC at 256², {gmac[1]:.3f} at 512²")
    print(f"  outputs {'equal bit for bit' if same else 'DIFFER'}")
    print(f"  {1e3 * found['plain']:.1f} and {1e3 * found['shipped']:.1f} ms a frame: ", end="")
    print(f"{found['shipped'] / found['plain']:.2f} ×")
    if not same or costs[0] != costs[1]:
        raise SystemExit("deployed is not the plain host")


def show_training(host: str, model: Mapping[str, object], config: FitConfig, side: int, repeats: int) -> None:
    """Print the time of a step of each way to train."""

    def step(detector: Detector) -> Callable[[], float]:
        learner, given, numbers = Learner(detector, config), cycle(batches(config, side)), iter(range(config.steps))
        return lambda: learner.learn(next(numbers), next(given))

    with tempfile.TemporaryDirectory() as scratch:
        ways = {
            host: step(build(host, {})),
            f"fdep-{host}": step(build(f"fdep-{host}", model)),
            f"fdep-{host}, features kept": step(build(f"fdep-{host}", {**model, "cache": scratch})),
        }
        medians = timed(ways, repeats)
        kept = [path.stat().st_size for path in Path(scratch).iterdir()]
    print(f"\na step of training: batch {config.batch}, {side}², {model['foundation']}, threads: {config.threads}")
    for name, seconds in medians.items():
        print(f"  {name:<28} {1e3 * seconds:8.0f} ms   {seconds / medians[host]:5.2f} ×")
    print(f"  kept: {sum(kept) / len(kept) / 1e6:.2f} MB an image and pose")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="acm")
    parser.add_argument("--foundation", default="vit_small_patch16_dinov3.lvd1689m")
    parser.add_argument("--taps", nargs=4, type=int, help="blocks; without: evenly spaced, the last one among them")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    model = {"foundation": options.foundation, "weights": "random", "taps": options.taps}
    config = FitConfig(batch=options.batch, threads=options.threads)
    with seeded(0, options.threads):
        taught = learned(build(f"fdep-{options.host}", model), config, options.side)
        show_deployed(options.host, taught, options.side, 5 * options.repeats)
        show_training(options.host, model, config, options.side, options.repeats)


if __name__ == "__main__":
    main()
