"""What a promotion came to, in one line."""

from typing import Any

from irstd.files.json_files import read_json
from irstd.project.environment import find_root
from irstd.project.paths import PROMOTION
from irstd.tracking import CHAMPION, Version, alias_version, open_store


def champion() -> Version | None:
    """The version that is champion now."""
    return alias_version(open_store(find_root()), CHAMPION)


def promoted(before: Version | None) -> tuple[bool, str]:
    """Whether another version is champion than `before`, and the line that says so, with the gate's reasons.

    Raises:
        DataError: there is no record of the promotion.
    """
    now, rows = champion(), read_json(PROMOTION)["candidates"]
    number = None if now is None else now.number
    if now is not None and number != (None if before is None else before.number):
        won = next((row for row in rows if row["champion"]), None)
        return True, f"version {number} is champion: {_reasons(won) if won else now.tags.get('irstd.variant', '?')}"
    reasons = " | ".join(_reasons(row) for row in rows)
    holder = "there is no champion" if number is None else f"version {number} stays champion"
    return False, f"{holder}: {reasons}"


def _reasons(row: dict[str, Any]) -> str:
    return f"{row['variant']}: {'; '.join(row['reasons'])}"
