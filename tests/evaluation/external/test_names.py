import pytest

from irstd.errors import ScoreError
from irstd.evaluation.external.names import match_names

WANTED, BEYOND = ["a", "b.1", "c_pixels0"], ["z"]


def test_names_with_and_without_suffix_mark_and_folder() -> None:
    given = ["night/a.PNG", "b.1.npy", "c_pixels0", "z.tif"]
    matched = match_names("here", given, WANTED, BEYOND)
    assert matched.given == {"a": "night/a.PNG", "b.1": "b.1.npy", "c_pixels0": "c_pixels0"}
    assert matched.beyond == 1
    assert match_names("here", ["a_pixels0.png"], WANTED, ()).given == {"a": "a_pixels0.png"}
    assert match_names("here", ["night\\b.1"], WANTED, ()).given == {"b.1": "night\\b.1"}


def test_no_name_at_all() -> None:
    assert match_names("here", [], WANTED, BEYOND).given == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ["a.png", "q.png", "r"],
            r"here: 'q\.png' is for no frame of the truth \(2 of 3\); predictions and masks match",
        ),
        (["A.png"], r"here: 'A\.png' is for no frame of the truth \(1 of 1\)"),
        (["b.png"], r"here: 'b\.png' is for no frame"),
        (["a.png", "a.npy"], r"here: 'a\.png' and 'a\.npy' are both for frame 'a'; keep one of them"),
        (["images/a.png", "masks/a.png"], "are both for frame 'a'"),
        (["z.png"], "here: none of its frames lies in the split; choose another"),
    ],
)
def test_names_that_do_not_match(given: list[str], message: str) -> None:
    with pytest.raises(ScoreError, match=message):
        match_names("here", given, WANTED, BEYOND)
