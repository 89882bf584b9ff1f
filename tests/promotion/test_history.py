"""Conclusions from a history, worked out by hand."""

import json
from dataclasses import asdict

import pytest

from irstd.errors import RegistryError
from irstd.promotion.history import Action, Entry, read_entries, settled, way_back

NOW = "2030-01-02T03:04:05+00:00"
GATE: Action = "promoted by the gate"


def chain(*steps: tuple[Action, str]) -> list[Entry]:
    """Finished entries, each before the next."""
    made: list[Entry] = []
    for number, (action, version) in enumerate(steps, start=1):
        before = made[-1].version if made else None
        made.append(Entry(number, NOW, action, version, before, "since", "done"))
    return made


def test_entries_come_back_from_tags_in_their_order() -> None:
    entries = chain((GATE, "1"), (GATE, "2"), ("rolled back", "1"))
    tags = {entry.tag: entry.line for entry in reversed(entries)}
    assert read_entries({**tags, "other": "tag"}) == tuple(entries)


def test_an_entry_is_a_line_for_people_and_older_ones_are_json() -> None:
    entry = Entry(3, NOW, GATE, "2", None, 'beats "1": +1 (done): more; and\nmore', "void")
    assert entry.line.startswith("version 2 promoted by the gate, before it none; ")
    assert Entry.read(entry.tag, entry.line) == entry
    assert Entry.read(entry.tag, json.dumps(asdict(entry))) == entry
    with pytest.raises(RegistryError, match=r"irstd\.history\.00003"):
        Entry.read(entry.tag, "somebody's note")


def test_a_settled_history_needs_nothing() -> None:
    assert settled([], None, NOW) == ()
    assert settled(chain((GATE, "1")), "1", NOW) == ()


def test_an_entry_that_took_effect_is_to_be_finished() -> None:
    begun = Entry(2, NOW, GATE, "2", "1", "better")
    assert settled([*chain((GATE, "1")), begun], "2", NOW) == (begun,)


def test_an_entry_that_was_cut_off_is_void() -> None:
    begun = Entry(2, NOW, GATE, "2", "1", "better")
    (void,) = settled([*chain((GATE, "1")), begun], "1", NOW)
    assert (void.number, void.state) == (2, "void")
    assert settled([*chain((GATE, "1")), void], "1", NOW) == ()


def test_an_alias_that_someone_else_moved_is_noted() -> None:
    (moved,) = settled(chain((GATE, "1")), "7", NOW)
    assert (moved.number, moved.action, moved.version, moved.before) == (2, "set elsewhere", "7", "1")
    (found,) = settled([], "3", NOW)
    assert (found.number, found.before, found.why) == (1, None, "champion before there was a history")
    void, moved = settled([*chain((GATE, "1")), Entry(2, NOW, GATE, "2", "1", "better")], "5", NOW)
    assert (void.state, moved.number, moved.version) == ("void", 3, "5")


def test_a_champion_that_someone_removed_is_no_entry() -> None:
    assert settled(chain((GATE, "1")), None, NOW) == ()


def test_each_rollback_goes_one_further_back() -> None:
    there = {"1", "2", "3"}
    assert way_back([], there) is None
    assert way_back(chain((GATE, "1")), there) is None
    up = [(GATE, "1"), (GATE, "2"), (GATE, "3")]
    assert way_back(chain(*up), there) == "2"
    assert way_back(chain(*up, ("rolled back", "2")), there) == "1"
    assert way_back(chain(*up, ("rolled back", "2"), ("rolled back", "1")), there) is None


def test_a_rollback_leaves_out_what_is_gone_and_what_never_was() -> None:
    entries = chain((GATE, "1"), (GATE, "2"), (GATE, "3"))
    assert way_back(entries, {"1", "3"}) == "1"
    void = Entry(4, NOW, GATE, "4", "3", "cut off", "void")
    assert way_back([*entries, void], {"1", "2", "3", "4"}) == "2"
    back_and_forth = chain((GATE, "1"), (GATE, "2"), (GATE, "1"))
    assert way_back(back_and_forth, {"1", "2"}) == "2"
