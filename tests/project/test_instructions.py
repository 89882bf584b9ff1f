import os
import subprocess
import sys

import pytest

from irstd.project.instructions import FIXED, fixed_part, use_instructions
from irstd.settings.faults import SectionError
from irstd.settings.train import Train


def test_avx2_sets_the_variables_and_native_takes_them_back() -> None:
    environment = {"HOME": "/here"}
    assert use_instructions("avx2", environment)
    assert fixed_part(environment) == FIXED
    assert not use_instructions("avx2", environment)
    assert use_instructions("native", environment)
    assert environment == {"HOME": "/here"}


def test_native_leaves_a_users_own_variables_alone() -> None:
    environment = {"MKL_CBWR": "AVX512"}
    assert not use_instructions("native", environment)
    assert environment == {"MKL_CBWR": "AVX512"}


def test_torch_follows_the_variables() -> None:
    environment = {**os.environ, **FIXED}
    code = "import torch; print(torch.backends.cpu.get_cpu_capability())"
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "AVX2"


@pytest.mark.parametrize("other", [{"precision": "auto"}, {"precision": "bf16"}, {"compile": True}])
def test_fixed_instructions_need_plain_float32(other: dict[str, object]) -> None:
    wanted: dict[str, object] = {"precision": "fp32", "instructions": "avx2"}
    assert Train(**wanted).instructions == "avx2"  # type: ignore[arg-type]
    with pytest.raises(SectionError, match="instructions"):
        Train(**{**wanted, **other})  # type: ignore[arg-type]
