"""The demo set: synthetic infrared scenes with known targets."""

from irstd.curation.demo.dataset import make_demo

__all__ = ["make_demo"]
