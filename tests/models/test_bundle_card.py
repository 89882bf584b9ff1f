"""The card of a bundle, from its record."""

from pathlib import Path

import pytest

from irstd.models import pretrained
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, bundle_files
from irstd.models.bundle_card import bundle_card
from irstd.models.folder import read_bundle
from irstd.models.registry import build

PART = {
    "name": "one",
    "source": "somewhere",
    "licence": "CC0",
    "citation": "They, 2021",
    "splits": "official",
    "masks": "given",
    "counts": {"train": 3, "val": 1, "test": 2},
}


def test_terms_and_citations_of_all_parts_stand_on_it() -> None:
    data = {"dataset": "both", "parts": [PART, {"name": "two"}], "start": "0123"}
    bundle = Bundle("tophat", {}, Rules(threshold=0.25), data, {"val": {"hse": 12.3456}}, ("a warning",))
    card = bundle_card(bundle_files(build("tophat", {}), bundle), "mine")
    assert "**one**: somewhere. Frames: 3 train, 1 val, 2 test; splits: official. Masks: given. Terms: CC0." in card
    assert "Cite: They, 2021." in card
    assert "**two**: None. Frames: ; splits: not known. Terms: not known. Cite: not known." in card
    for line in ("- start: 0123", "- threshold: 0.25", "- hse: 12.35", "- a warning"):
        assert line in card


@pytest.mark.skipif(not pretrained.has_pretrained(), reason="nothing is shipped yet")
def test_the_shipped_bundle_is_small_and_has_its_own_card() -> None:
    files = read_bundle(pretrained.FOLDER)
    assert sum(map(len, files.values())) <= 2_000_000
    card = (pretrained.FOLDER / pretrained.CARD).read_text(encoding="utf-8")
    assert card == bundle_card(files, pretrained.PRETRAINED)
    assert {path.name for path in Path(pretrained.FOLDER).iterdir()} == {*files, pretrained.CARD}
