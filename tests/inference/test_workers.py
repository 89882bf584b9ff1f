from collections.abc import Iterator
from threading import Event

import pytest

from irstd.inference.workers import in_order


def test_results_keep_the_order_of_the_items() -> None:
    first_may_end = Event()

    def work(item: int) -> int:
        if item == 0:
            first_may_end.wait(10)
        else:
            first_may_end.set()  # a later item ends before the first
        return 10 * item

    assert list(in_order(work, range(5), workers=2)) == [0, 10, 20, 30, 40]
    assert list(in_order(work, [], workers=2)) == []


def test_no_more_items_are_under_way_than_twice_the_workers() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(20):
            taken.append(item)
            yield item

    results = in_order(lambda item: item, items(), workers=2)
    assert next(results) == 0
    assert len(taken) == 4
    results.close()  # type: ignore[attr-defined]  # it is a generator


def test_an_error_of_the_work_comes_back_in_its_place() -> None:
    def work(item: int) -> int:
        return 1 // (item - 1)

    results = in_order(work, range(3), workers=2)
    assert next(results) == -1
    with pytest.raises(ZeroDivisionError):
        next(results)
