"""JSON from strangers: bounded, or one line."""

import json
import tracemalloc
from pathlib import Path

import pytest

from irstd.errors import DataError
from irstd.files import parse_json
from irstd.files.json_files import read_json
from irstd.files.reading import read_object

BOMBS = {
    "nan": '{"a": NaN}',
    "infinity": '{"a": -Infinity}',
    "exponent": '{"a": 1e999}',
    "digits": f'{{"a": {"9" * 5000}}}',
    "65 bit": f'{{"a": {2**63}}}',
    "lists": "[" * 100_000 + "]" * 100_000,
    "65 levels": "[" * 66 + "]" * 66,
    "objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "unclosed": "[" * 100_000,
    "surrogate": '{"a": "\\uD800"}',
    "no json": "{",
    "nothing": "",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_one_short_line_that_names_the_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(BOMBS[kind])
    for read in (read_object, read_json):
        with pytest.raises(DataError) as refused:
            read(path)
        said = str(refused.value)
        assert said.startswith(str(path))
        assert len(said.removeprefix(str(path))) < 200
        assert "\n" not in said


def test_the_length_is_looked_at_first() -> None:
    tracemalloc.start()
    with pytest.raises(DataError, match="longer"):
        parse_json("[" + "[]," * 1_000_000 + "[]]", "x", most=1000)
    assert tracemalloc.get_traced_memory()[1] < 10 << 20  # the text itself
    tracemalloc.stop()


def test_what_the_json_module_writes_is_read_back() -> None:
    value = {"a": [1, -(2**63), 2**63 - 1, 0.5, 1e-300, None, True, "é😀\u2028"], "b": {"c": []}}
    for ascii_only in (True, False):
        assert parse_json(json.dumps(value, ensure_ascii=ascii_only), "x") == value
    assert parse_json("[" * 60 + "]" * 60, "x")
