"""Torch made ready for a fit: device, precision, seeds, threads, compiler."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from irstd.errors import ComputeError
from irstd.training.config import FitConfig


@contextmanager
def seeded(seed: int, threads: int) -> Iterator[None]:
    """Inside: torch draws from `seed`, on `threads` CPU threads, by deterministic algorithms where it has them.

    Build a detector inside it, so that the first weights follow from the seed too. Outside, threads and algorithms
    are as they were before; the random state is not.
    """
    before = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    memory: Any = torch.utils.deterministic
    fill = memory.fill_uninitialized_memory
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("warn")  # `use_deterministic_algorithms` imports the compiler, 2 s of CPU
    # Filling fresh memory only guards against reading it; it costs a pass over every tensor.
    memory.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.set_deterministic_debug_mode(before[1])
        memory.fill_uninitialized_memory = fill


@contextmanager
def onednn_for_1x1(network: nn.Module) -> Iterator[None]:
    """Inside: oneDNN computes the 1 × 1 convolutions of `network` on the CPU, whatever the batch and the threads.

    On one thread torch gives those of small batches to its own code; a float32 step of SPIRE then takes 1.4 times as
    long (benchmarks/training_speed.py). It leaves dilated ones to oneDNN, and to a 1 × 1 kernel the dilation
    means nothing. Ours.
    """
    found = [module for module in network.modules() if isinstance(module, nn.Conv2d) and _is_1x1(module)]
    for convolution in found:
        convolution.dilation = (2, 2)
    try:
        yield
    finally:
        for convolution in found:
            convolution.dilation = (1, 1)


def _is_1x1(convolution: nn.Conv2d) -> bool:
    return convolution.kernel_size == (1, 1) and convolution.dilation == (1, 1)


def find_device(name: str) -> torch.device:
    """The device of that name.

    Raises:
        ComputeError: a GPU is asked for and torch sees none.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise ComputeError("train.device: cuda was asked for, but torch sees no GPU here; set it to cpu")
    return torch.device(name)


def find_precision(config: FitConfig) -> torch.dtype:
    """The type that convolutions run in; `auto` takes a half type only where the hardware has one."""
    if config.precision != "auto":
        return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[config.precision]
    if config.device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    # Older versions of torch do not tell; fp32 is right everywhere.
    capabilities: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    native = capabilities.get("amx_bf16") or capabilities.get("avx512_bf16")
    return torch.bfloat16 if native else torch.float32


def compiler_works(device: torch.device) -> bool:
    """Tell whether torch.compile can build a forward and a backward pass here (it needs a C++ compiler and headers)."""
    probe = torch.ones(8, device=device, requires_grad=True)
    try:
        torch.autograd.backward(torch.compile(_probe_function)(probe))
    except Exception:  # whatever keeps a compiler from working: no such command, no headers, no Triton, a fault in it
        return False
    return True


def _probe_function(values: torch.Tensor) -> torch.Tensor:
    return (values.sin() * values).sum()
