"""FDEP: training of an encoder-decoder beside a frozen vision foundation model. Yu et al., arXiv 2512.05511."""

from irstd.models.fdep.detector import FDEP, FdepSettings
from irstd.models.fdep.foundation import Foundation
from irstd.models.fdep.samf import SAMF

__all__ = ["FDEP", "SAMF", "FdepSettings", "Foundation"]
