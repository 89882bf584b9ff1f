"""A check of stored weights against a network."""

from collections.abc import Iterable, Mapping

from torch import Tensor

from irstd.errors import ModelError


def check_weights(expected: Mapping[str, Tensor], stored: Mapping[str, Tensor], where: str) -> None:
    """Check that `stored` has exactly the keys, shapes and types of `expected`.

    Raises:
        ModelError: it has not; the message begins with `where` and names the first differences.
    """
    missing, strange = sorted(expected.keys() - stored.keys()), sorted(stored.keys() - expected.keys())
    if missing or strange:
        faults = [f"lacks {_few(missing)}"] * bool(missing) + [f"has unknown {_few(strange)}"] * bool(strange)
        raise ModelError(f"{where}: {' and '.join(faults)}; these are weights of another network")
    for key in sorted(expected):
        want, got = expected[key], stored[key]
        if want.shape != got.shape or want.dtype != got.dtype:
            raise ModelError(
                f"{where}: {key} is {_kind(got)}, expected {_kind(want)}; these are weights of another network"
            )


def _few(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"
