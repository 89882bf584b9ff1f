"""Sequences told by names."""

from irstd.curation.sequences import with_sequences


def alone(*names: str) -> list[tuple[str, ...]]:
    return [(name,) for name in sorted(names)]


SEQUENCES = [f"clip{number:02d}_{frame:03d}" for number in range(10) for frame in range(3)]


def test_frames_of_one_sequence_are_one_group() -> None:
    groups = with_sequences(alone(*SEQUENCES, "other", "single_1"))
    assert len(groups) == 12
    assert groups[0] == ("clip00_000", "clip00_001", "clip00_002")
    assert {("other",), ("single_1",)} < set(groups)


def test_near_duplicates_join_their_sequences() -> None:
    groups = alone(*SEQUENCES[1:-1])
    joined = with_sequences([(SEQUENCES[0], SEQUENCES[-1]), *groups])
    assert len(joined) == 9
    assert len(joined[0]) == 6


def test_names_that_tell_no_sequences() -> None:
    for names in ([f"Misc_{index}" for index in range(50)], [f"{index:06d}" for index in range(50)], SEQUENCES[:27]):
        assert with_sequences(alone(*names)) == alone(*names)
    whole = [tuple(SEQUENCES)]
    assert with_sequences(whole) == whole
    assert with_sequences([]) == []
