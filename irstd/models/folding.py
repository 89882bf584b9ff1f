"""A detector for inference alone: BatchNorm folded into the convolutions before it, and nothing that is not needed."""

import copy
from typing import cast

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from irstd.labels.centres import PIXELS
from irstd.models.base import Detector

_CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
_LEAST_PX = 64  # a side of the image that is passed through


def folded(detector: Detector) -> Detector:
    """Return a copy in eval mode whose output is the same but for rounding.

    A BatchNorm goes into the convolution whose output it reads; one behind anything else stays. Where something else
    reads that output too, which the output of a random image tells, all stay.
    """
    twin = copy.deepcopy(detector).eval()
    side = -(-_LEAST_PX // detector.input.multiple) * detector.input.multiple
    image = torch.rand((1, detector.input.channels, side, side), generator=torch.Generator().manual_seed(0))
    pairs, before = _pairs(twin, image)
    for norm, convolution in pairs.items():
        source = twin.get_submodule(convolution)
        fused = fuse_conv_bn_eval(
            cast(nn.Conv2d, source),
            cast(nn.BatchNorm2d, twin.get_submodule(norm)),
            transpose=isinstance(source, nn.ConvTranspose2d),
        )
        _replace(twin, convolution, fused)
        _replace(twin, norm, nn.Identity())
    with torch.inference_mode():
        same = torch.allclose(twin.eval()(image), before, rtol=1e-3, atol=1e-3 * float(before.abs().max()))
    return twin if same else copy.deepcopy(detector).eval()


def points_only(detector: Detector) -> Detector:
    """Return a copy whose planes of pixels are 0, if the detector has such planes; itself if it has none.

    Detections are read from the other planes, which stay as they are, and it takes a quarter less time. The copy's
    `response` means nothing.
    """
    if detector.target != "both":
        return detector
    twin = copy.deepcopy(detector).eval()
    network = twin.get_submodule("network")
    traced = fx.GraphModule(network, _Whole().trace(network))
    joined = next(iter(reversed(traced.graph.find_nodes(op="call_function", target=torch.cat))))
    _, centres = cast(list[fx.Node], joined.args[0])
    with traced.graph.inserting_before(joined):
        joined.replace_all_uses_with(traced.graph.call_function(F.pad, (centres, (0, 0, 0, 0, PIXELS, 0))))
    traced.graph.eliminate_dead_code()
    traced.delete_all_unused_submodules()
    traced.recompile()
    _replace(twin, "network", traced)
    return twin


class _Whole(fx.Tracer):
    """Traces a network's own steps, each of its modules as a whole."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return True


def _pairs(detector: Detector, image: Tensor) -> tuple[dict[str, str], Tensor]:
    """Return the names of BatchNorms and of the convolution that each one always reads, and the raw output of `image`.

    A convolution that several BatchNorms read is not among them.
    """
    names = {module: name for name, module in detector.named_modules()}
    made = dict[int, nn.Module]()  # by the id of an output, which `kept` keeps from being taken by another
    read = dict[str, set[str]]()
    kept = list[Tensor]()

    def after(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        if type(module) is nn.BatchNorm2d:
            source = made.get(id(given[0]))
            read.setdefault(names[module], set()).add("" if source is None else names[source])
        else:
            made[id(output)] = module
            kept.append(output)

    # No subclasses: a dynamic kernel cannot take a BatchNorm in, and one with an activation is more than itself.
    watched = [module for module in names if type(module) in (*_CONVOLUTIONS, nn.BatchNorm2d)]
    hooks = [module.register_forward_hook(after) for module in watched]
    with torch.inference_mode():
        raw = detector(image)
    for hook in hooks:
        hook.remove()
    pairs = {norm: next(iter(sources)) for norm, sources in read.items() if len(sources) == 1}
    own = {norm: source for norm, source in pairs.items() if source and list(pairs.values()).count(source) == 1}
    return own, raw


def _replace(network: nn.Module, name: str, part: nn.Module) -> None:
    parent, _, own = name.rpartition(".")
    setattr(network.get_submodule(parent), own, part)
