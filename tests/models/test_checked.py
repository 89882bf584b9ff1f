"""Settings out of plain values."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from irstd.errors import ModelError
from irstd.models.checked import checked_settings


@dataclass(frozen=True)
class Settings:
    sides: tuple[int, int]
    scale: tuple[float, float] = (1.0, 1.0)
    mixed: tuple[str, float | None, Literal["a", "b"]] = ("x", None, "a")
    maybe: tuple[int, int] | None = None
    crop: int | None = 128


def settings(**values: Any) -> Settings:
    return checked_settings(Settings, {"sides": [1, 2], **values}, "here")


def test_a_list_becomes_the_tuple_that_is_asked_for() -> None:
    found = settings(scale=[1, 1.5], mixed=["y", 2, "b"], maybe=[3, 4])
    assert found == Settings((1, 2), (1.0, 1.5), ("y", 2.0, "b"), (3, 4))
    assert [type(each) for each in (found.sides, found.scale, found.mixed, found.maybe)] == [tuple] * 4
    assert [type(each) for each in (*found.sides, *found.scale)] == [int, int, float, float]
    assert settings(scale=(1, 2)).scale == (1.0, 2.0)
    assert settings(maybe=None, mixed=["y", None, "a"]) == Settings((1, 2), mixed=("y", None, "a"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sides": [1]}, "here: sides must be a list of 2, got [1]"),
        ({"sides": [1, 2, 3]}, "here: sides must be a list of 2, got [1, 2, 3]"),
        ({"sides": 1}, "here: sides must be a list of 2, got 1"),
        ({"sides": "12"}, "here: sides must be a list of 2, got '12'"),
        ({"sides": {1: 2, 3: 4}}, "here: sides must be a list of 2, got {1: 2, 3: 4}"),
        ({"sides": [1, 2.0]}, "here: sides must be a whole number, got 2.0"),
        ({"sides": [True, 2]}, "here: sides must be a whole number, got True"),
        ({"scale": [1.0, "2"]}, "here: scale must be a number, got '2'"),
        ({"scale": None}, "here: scale must be a list of 2, got None"),
        ({"mixed": ["x", None, "c"]}, "here: mixed must be a or b, got 'c'"),
        ({"maybe": [1]}, "here: maybe must be a list of 2 or null, got [1]"),
        ({"crop": [128]}, "here: crop must be a whole number or null, got [128]"),
    ],
)
def test_what_is_no_such_tuple_is_named(values: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        settings(**values)
    assert str(caught.value) == message
