import re
import struct
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from irstd.errors import DataError
from irstd.evaluation.score_card import Ceiling
from irstd.frames import read_image
from irstd.report.writing import write_report
from irstd.settings.gate import Budget
from tests.report.evidence import Evidence, evidence


def write(made: Evidence, folder: Path) -> None:
    write_report(made.results(), folder, "demo <1>", Budget(metric="hse-1"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports") / "below/demo"
    made = evidence()
    made.draw("learned", folder.parent.parent / "overlays")
    write(made, folder)
    return folder


def test_the_report_holds_tables_pictures_and_both_pages(report: Path) -> None:
    assert sorted(contents(report)) == [
        "cost.png",
        "curves.png",
        "difficulty.png",
        "hse.png",
        "iou.png",
        "overlays/learned/frame & 1.png",
        "pd-fa.png",
        "reliability.png",
        "report.html",
        "report.md",
        "surface-floor.png",
        "surface-learned.png",
        "table.csv",
    ]
    assert [path.name for path in report.parent.iterdir()] == ["demo"]
    for name in contents(report):
        if name.endswith(".png"):
            assert read_image(report / name).size > 0
    assert list(pd.read_csv(report / "table.csv")["variant"]) == ["learned", "floor", "learned", "floor"]


def test_the_same_scores_give_the_same_bytes(report: Path, tmp_path: Path) -> None:
    made = evidence()
    made.draw("learned", tmp_path / "elsewhere")
    write(made, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(report)


def test_nothing_tells_when_or_where_it_was_made(report: Path) -> None:
    for name, content in contents(report).items():
        assert str(report.parent.parent).encode() not in content, name
        if name.endswith(".png") and not name.startswith("overlays"):
            assert chunks(content) <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}, name
    assert not re.search(rb"20\d\d-\d\d-\d\d", contents(report)["report.md"])


def chunks(png: bytes) -> set[bytes]:
    found, place = set(), 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        found.add(png[place + 4 : place + 8])
        place += length + 12
    return found


def test_the_page_needs_no_other_file(report: Path) -> None:
    page = (report / "report.html").read_text()
    sources = re.findall(r'src="([^"]{0,22})', page)
    assert len(sources) == 10
    assert set(sources) == {"data:image/png;base64,"}
    assert "http" not in re.sub(r'"data:[^"]*"', "", page)
    assert "<h1>Detectors on demo &lt;1&gt;</h1>" in page
    assert "frame &amp; 1" in page


def test_both_pages_say_what_the_figures_are(report: Path) -> None:
    page, text = (report / "report.html").read_text(), (report / "report.md").read_text()
    for content in (page, text):
        assert "our reading of the score that the FDEP abstract names" in content
        assert "Validation decides" in content
        assert "Test is scored once a row" in content
        assert "ceiling is the HSE that the true points get through that step on the same frames" in content
        assert "4 validation frames with 3 targets and 4 test frames with 3 targets" in content
        assert "content hashes val 0123456789ab, test fedcba987654" in content
    assert "![HSE and its two parts, in percent, best validation first.](<hse.png>)" in text
    assert "| learned |" in text


DISTINCT = "Test without its near-duplicates of training and validation frames"


def test_test_without_near_duplicates_has_its_own_table(report: Path, tmp_path: Path) -> None:
    for name in ("report.md", "report.html"):
        assert DISTINCT not in (report / name).read_text()
    made = evidence()
    for seed, (name, card) in enumerate(made.scores.items()):
        made.scores[name] = replace(card, test_distinct=replace(card.test, frames=2, hse=12.25 + seed))
    write(made, tmp_path / "report")
    text, page = ((tmp_path / "report" / name).read_text() for name in ("report.md", "report.html"))
    tables = [line for line in text.splitlines() if line.startswith("## ")][:3]
    assert tables[2] == f"## {DISTINCT}"
    assert text.index(tables[1]) < text.index(tables[2]) < text.index("| learned | 13.25 | – |") < text.index("\n- ")
    assert f"<h2>{DISTINCT}</h2>" in page
    assert "<td>13.25</td>" in page
    for content in (text, page):
        assert "2 test frames are near-duplicates of training or validation frames (near_duplicates.csv)." in content
    shown = pd.read_csv(tmp_path / "report/table.csv")
    assert list(shown["split"]) == ["val", "val", "test", "test", "test_distinct", "test_distinct"]


def test_both_pages_show_the_ceiling(tmp_path: Path) -> None:
    made = evidence()
    card = made.scores["learned"]
    made.scores["learned"] = replace(card, test=replace(card.test, ceiling=Ceiling(87.24, 0.744)))
    write(made, tmp_path / "report")
    text, page = ((tmp_path / "report" / name).read_text() for name in ("report.md", "report.html"))
    assert text.count("| 87.2 |") == 1
    assert page.count("<td>87.2</td>") == 1
    assert pd.read_csv(tmp_path / "report/table.csv")["ceiling"].dropna().tolist() == [87.24]


def test_references_and_warnings_are_named(report: Path, tmp_path: Path) -> None:
    assert "References" not in (report / "report.md").read_text()
    made = evidence()
    made.scores["learned"] = replace(made.scores["learned"], reference=True, warnings=("trained on <unknown> frames",))
    write(made, tmp_path / "report")
    text, page = ((tmp_path / "report" / name).read_text() for name in ("report.md", "report.html"))
    assert "- References, scored beside the variants and never promoted: learned.\n" in text
    assert "- learned: trained on <unknown> frames.\n" in text
    assert "<li>learned: trained on &lt;unknown&gt; frames.</li>" in page


def test_what_was_not_trained_has_no_curve(tmp_path: Path) -> None:
    made = Evidence()
    made.add("floor", 0.7, trained=False)
    write(made, tmp_path / "report")
    assert not (tmp_path / "report/curves.png").exists()
    made.curves = {}
    write(made, tmp_path / "report")


def test_without_any_target_it_says_so(tmp_path: Path) -> None:
    made = Evidence()
    made.add("lost", 0.7, targets=False)
    write(made, tmp_path / "report")
    assert "| lost | – | – |" in (tmp_path / "report/report.md").read_text()
    assert read_image(tmp_path / "report/surface-lost.png").size > 0


def test_an_older_report_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    made = Evidence()
    made.add("floor", 0.7)
    made.add("other", 0.6)
    write(made, tmp_path / "report")
    for part in (made.scores, made.surfaces):
        del part["other"]
    write(made, tmp_path / "report")
    assert not (tmp_path / "report/surface-other.png").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years")
    with pytest.raises(DataError, match=r"mine: is no report \(no report\.html\), so it is not replaced"):
        write(made, tmp_path / "mine")
    assert contents(tmp_path / "mine") == {"thesis.txt": b"years"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "report"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    made = Evidence()
    made.add("floor", 0.7)
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file/report: cannot be written \(Not a directory\); choose"):
        write(made, tmp_path / "file/report")


def test_a_missing_overlay_is_named(tmp_path: Path) -> None:
    made = evidence()
    made.overlays["learned"] = [tmp_path / "gone.png"]
    with pytest.raises(DataError, match=r"gone\.png: cannot be read \(No such file or directory\); evaluate learned"):
        write(made, tmp_path / "report")
    assert list(tmp_path.iterdir()) == []
