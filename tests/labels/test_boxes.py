"""Points and pixels inside boxes."""

import numpy as np

from irstd.labels.boxes import box_pixels, inside_boxes

BOX = np.array([[10.0, 20.0, 4.0, 3.0]])  # the pixels 10 to 13, 20 to 22


def test_two_px_outside_is_inside() -> None:
    corners = np.array([[7.5, 17.5], [15.5, 24.5], [7.4, 20], [15.6, 20], [12, 17.4], [12, 24.6]])
    assert inside_boxes(corners, BOX)[:, 0].tolist() == [True, True, False, False, False, False]
    assert inside_boxes(np.zeros((0, 2)), BOX).shape == (0, 1)
    assert inside_boxes(corners, np.zeros((0, 4))).shape == (6, 0)


def test_pixels_of_a_grown_box() -> None:
    pixels = box_pixels((30, 20), BOX)
    rows, columns = np.nonzero(pixels)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (18, 24, 8, 15)
    assert pixels.sum() == 7 * 8
    assert not box_pixels((30, 20), np.zeros((0, 4))).any()
