"""`irstd models average`: one bundle of several."""

from collections.abc import Sequence
from pathlib import Path

from irstd.cli.progress import say
from irstd.errors import ModelError


def average_models(bundles: Sequence[Path], dataset: str, out: Path, shares: Sequence[float] | None = None) -> None:
    """Write the mean of the weights of `bundles` to `out`, its threshold chosen on the dataset's validation.

    Raises:
        ModelError: fewer than two bundles, they or their shares do not fit, or one cannot be used.
        DataError: there is no such dataset.
    """
    if len(bundles) < 2:
        raise ModelError("irstd models average: give two bundles or more")
    from irstd.cli.datasets import find_dataset, raw_home  # noqa: PLC0415
    from irstd.datasets.prepared import open_dataset  # noqa: PLC0415
    from irstd.models.folder import bundle_hash, replace_folder  # noqa: PLC0415 - torch takes seconds
    from irstd.training.averaging import average_bundles  # noqa: PLC0415

    opened = open_dataset(find_dataset(dataset, raw_home()))
    replace_folder(out, average_bundles(bundles, list(opened.samples("val")), shares))
    say(f"{out}: the mean of {len(bundles)} bundles, {bundle_hash(out)[:12]}")
    say(f"next: irstd models show {out}")
