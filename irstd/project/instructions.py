"""The instruction set of arithmetic: the processor's own, or one that gives the same bytes on every x86-64 with AVX2.

Libraries choose their code by the processor when they are imported, and sums then differ in their last bits. These
variables fix the choice, so they must be in the environment before torch and NumPy are imported. An emulated Haswell
gives the bytes of a processor with AVX-512 under them (benchmarks/instructions.sh). Ours.
"""

from collections.abc import Mapping, MutableMapping

FIXED: Mapping[str, str] = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "COMPATIBLE",  # AVX2 here still differs between vendors
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
"""Variables of `avx2` for torch, oneDNN, MKL and NumPy."""


def use_instructions(instructions: str, environment: MutableMapping[str, str]) -> bool:
    """Set or remove the variables for `instructions`, `native` or `avx2`; return True if the environment changed."""
    before = fixed_part(environment)
    if instructions == "avx2":
        environment.update(FIXED)
    elif before == FIXED:  # of a process that this one was started from; others are the user's own
        for name in FIXED:
            del environment[name]
    return fixed_part(environment) != before


def fixed_part(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of this module that are set, for processes started elsewhere."""
    return {name: environment[name] for name in FIXED if name in environment}
