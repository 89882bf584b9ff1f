"""JSON from anyone: length, depth and numbers are bounded before anything is made of them."""

import json
import math
from typing import Any

from irstd.errors import DataError

MOST_CHARACTERS = 1 << 27
MOST_DEPTH = 64
_MOST_WHOLE = 2**63  # whole numbers are below it


def parse_json(text: str, where: str, most: int = MOST_CHARACTERS) -> Any:
    """Return the value of a JSON text: whole numbers fit 64 bit, others are finite, texts can be written as UTF-8.

    Args:
        text: the JSON.
        where: begins the message of every error, such as the file's path.
        most: characters of the longest text that is read.

    Raises:
        DataError: it is no JSON, longer than `most`, nested deeper than 64 levels, or holds another number.
    """
    if len(text) > most:
        raise DataError(f"{where}: is longer than the {most} characters that are read of such a file")
    try:
        value = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_refused)
    except RecursionError:
        value = None
        deep = True
    except ValueError as fault:
        raise DataError(f"{where}: is no JSON that can be used ({fault}); write it again") from fault
    else:
        deep = _is_deep(value)
    if deep:
        raise DataError(f"{where}: is nested deeper than {MOST_DEPTH} levels; write it again")
    if "\\ud" in text.lower():
        _check_texts(value, where)
    return value


def _whole(digits: str) -> int:
    if len(digits) > 20 or not -_MOST_WHOLE <= int(digits) < _MOST_WHOLE:
        raise ValueError(f"whole numbers fit 64 bit, and one begins with {digits[:20]}")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"numbers are finite, and one is {digits[:20]}")
    return value


def _refused(name: str) -> float:
    raise ValueError(f"JSON has no {name}")


def _is_deep(value: object) -> bool:
    """Tell whether containers lie in each other deeper than `MOST_DEPTH`, level by level, without recursion."""
    level = [value]
    for _ in range(MOST_DEPTH + 1):
        inside = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level = [each for held in inside for each in held if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def _check_texts(value: object, where: str) -> None:
    """Raise if a text holds half of a character, such as an escaped surrogate."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as fault:
        raise DataError(f"{where}: a text in it is no Unicode ({fault.reason}); write it again") from fault
