"""docs/trust.md names tests that exist."""

import re

import pytest

from tests.faults.hostile import PAGE, ROOT, Named, rows

NAMED = [each for _, tests in rows(PAGE.read_text()) for each in tests]


@pytest.mark.parametrize("named", NAMED, ids=str)
def test_a_test_of_the_page_is_there(named: Named) -> None:
    text = (ROOT / named.path).read_text()
    assert re.search(rf"^\s*def {named.name or 'test_'}", text, re.MULTILINE)
    assert ("pytestmark = pytest.mark.slow" in text or "mark.slow" in text) or not named.slow


def test_every_table_of_the_page_is_read() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    assert len(rows("\n".join(lines))) == len([line for line in lines if not line.startswith(("|---", "| input"))])
