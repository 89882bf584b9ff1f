"""The faults of settings, each with its place."""

from collections.abc import Mapping

from irstd.errors import SettingsError, shortened


class SectionError(SettingsError, ValueError):
    """All faults of a section; a ValueError, so that pydantic collects it with the faults of other sections.

    Attributes:
        faults: what is wrong by dotted place; an empty place is the section itself.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(faults)
        self.faults = dict(faults)

    def __str__(self) -> str:
        return "; ".join(f"{place}: {fault}" if place else fault for place, fault in self.faults.items())

    def within(self, place: str) -> "SectionError":
        """Return the same faults of the section at `place`."""
        return SectionError({f"{place}.{inner}".strip("."): fault for inner, fault in self.faults.items()})


def shown(value: object) -> str:
    """Return a value as messages show it: as Python writes it, long ones cut."""
    return shortened(repr(value), 60)
