"""Real data beside the checkout, where there is any."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("IRSTD_SHARED", Path(__file__).parents[2] / "shared")) / "data"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"needs the real data in {SHARED}, which is not part of the repository"
)
