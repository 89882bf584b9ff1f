"""Frames as arrays: reading, levels, colour and placement on a network's input."""

from irstd.frames.deep import is_deep, map_deep, without_background
from irstd.frames.levels import to_8bit, to_grey, to_rgb
from irstd.frames.placement import Placement, place_native, place_square
from irstd.frames.read import (
    IMAGE_SUFFIXES,
    Frame,
    decode_frame,
    is_soft,
    read_image,
    read_mask,
    read_mask_levels,
    read_soft_mask,
    write_png,
)

__all__ = [
    "IMAGE_SUFFIXES",
    "Frame",
    "Placement",
    "decode_frame",
    "is_deep",
    "is_soft",
    "map_deep",
    "place_native",
    "place_square",
    "read_image",
    "read_mask",
    "read_mask_levels",
    "read_soft_mask",
    "to_8bit",
    "to_grey",
    "to_rgb",
    "without_background",
    "write_png",
]
