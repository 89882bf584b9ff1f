"""Settings out of plain values."""

import json
import pickle
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from irstd.settings.checked import checked_settings
from irstd.settings.faults import SectionError
from irstd.settings.train import Train


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
    "values",
    [
        {"sides": [1]},
        {"sides": [1, 2, 3]},
        {"sides": 1},
        {"sides": "12"},
        {"sides": {1: 2, 3: 4}},
        {"sides": [1, 2.0]},
        {"sides": [True, 2]},
        {"scale": [1.0, "2"]},
        {"scale": None},
        {"mixed": ["x", None, "c"]},
        {"maybe": [1]},
        {"crop": [128]},
        {"crop": True},
        {"croop": 3},
    ],
)
def test_a_wrong_type_is_named_by_its_place(values: dict[str, object]) -> None:
    with pytest.raises(SectionError) as caught:
        settings(**values)
    assert list(caught.value.faults) == [f"here.{name}" for name in values]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(SectionError) as caught:
        checked_settings(Settings, {"scal": 1, "crop": "x"}, "here")
    assert set(caught.value.faults) == {"here.scal", "here.crop", "here.sides"}


def test_faults_survive_the_way_from_a_worker() -> None:
    fault = SectionError({"crop": "too small"}).within("train")
    sent = pickle.loads(pickle.dumps(fault))  # noqa: S301 - our own bytes
    assert (str(sent), sent.faults) == ("train.crop: too small", {"train.crop": "too small"})


@pytest.mark.parametrize("values", [{"steps": "3"}, {"crop": 1.5}, {"flip": 1}, {"scale": [1]}, {"steps": 0}, {"x": 1}])
def test_pydantic_refuses_the_same(values: dict[str, object]) -> None:
    with pytest.raises(SectionError) as caught:
        checked_settings(Train, values, "")
    with pytest.raises(ValidationError):
        TypeAdapter(Train).validate_json(json.dumps(values), strict=True)
    assert list(caught.value.faults) == list(values)


@pytest.mark.parametrize("values", [{"learning_rate": 1}, {"crop": None}, {"scale": [1, 1.5]}, {"masks": "points"}])
def test_pydantic_reads_the_same(values: dict[str, object]) -> None:
    read = TypeAdapter(Train).validate_json(json.dumps(values), strict=True)
    assert read == checked_settings(Train, values, "")
