"""Frames side by side."""

import numpy as np

from irstd.curation.sheet import GAP_PX, INK, TILE_PX, WIDTH_PX, Line, grid, heading, page, paper, tile, write


def test_a_tile_is_the_frame_its_circles_and_its_caption() -> None:
    frame = np.full((20, 40), 90, dtype=np.uint8)
    points = np.array([(10.0, 10.0)])
    picture = tile(frame, points, [Line("a name")])
    assert picture.shape == (TILE_PX + 23, TILE_PX, 3)
    np.testing.assert_array_equal(picture[:50], 236)  # above the frame, which fills half of its square
    assert (picture[60, 100] == 90).all()
    center = (round(10 * 207 / 39), 52 + round(10 * 103 / 19))
    assert (picture[center[1], center[0]] == 90).all()  # nothing is drawn on a target
    red, _, blue = picture[center[1] - 12, center[0]].astype(int)
    assert red - blue > 150
    assert (picture[TILE_PX:] < 100).any()
    assert not (tile(frame, points, [])[TILE_PX:] < 100).any()


def test_a_frame_that_cannot_be_read_is_said_to_be() -> None:
    picture = tile(None, np.zeros((0, 2)), [])
    assert (picture[0, 0] == 236).all()
    assert (picture[:TILE_PX] < 130).any()


def test_points_anywhere_are_no_fault() -> None:
    frame, far = np.full((20, 40), 90, dtype=np.uint8), np.array([(1e300, 5.0), (-1e12, 3.0), (4.0, -500.0)])
    np.testing.assert_array_equal(tile(frame, far, []), tile(frame, np.zeros((0, 2)), []))


def test_a_second_view_stands_below() -> None:
    below = np.full((TILE_PX, TILE_PX, 3), 7, dtype=np.uint8)
    picture = tile(np.zeros((8, 8), dtype=np.uint8), np.zeros((0, 2)), [], below)
    np.testing.assert_array_equal(picture[TILE_PX + GAP_PX // 2 : 2 * TILE_PX + GAP_PX // 2], below)


def test_tiles_stand_in_rows_of_six() -> None:
    tiles = [np.full((10, TILE_PX, 3), number, dtype=np.uint8) for number in range(7)]
    picture = grid(tiles)
    assert picture.shape == (2 * (10 + GAP_PX), WIDTH_PX, 3)
    assert picture[0, :: TILE_PX + GAP_PX, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert picture[10 + GAP_PX, 0, 0] == 6
    np.testing.assert_array_equal(picture[10 + GAP_PX :, TILE_PX:], 255)
    np.testing.assert_array_equal(picture[10 : 10 + GAP_PX], 255)


def test_text_stays_within_its_place() -> None:
    long = Line("sequence_with_a_rather_long_name_00017")
    shown = long.fitted(120)
    assert shown.startswith("seq")
    assert shown.endswith("0017")
    assert "..." in shown
    assert Line(shown).width <= 120
    assert long.fitted(long.width) == long.text
    strip = paper(30, 400)
    write(strip, long, (4, 20), most_px=120)
    np.testing.assert_array_equal(strip[:, 126:], 255)
    assert (strip == INK).all(axis=2).any()


def test_a_page_has_a_margin() -> None:
    title = heading("a title", [Line("a note")])
    sheet = page([title, paper(50, WIDTH_PX)])
    assert sheet.shape == (len(title) + 50 + 48, WIDTH_PX + 48, 3)
    np.testing.assert_array_equal(sheet[24:-24, 24:-24], np.vstack([title, paper(50, WIDTH_PX)]))
    assert (title[:32] < 100).any()
    assert (title[32:] < 100).any()
