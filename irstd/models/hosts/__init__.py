"""Published encoder-decoders, each split into encoder and decoder."""

from irstd.models.hosts.base import Decoder, Encoder, Features, Host
from irstd.models.hosts.detector import HostDetector, HostSettings, normalised

__all__ = ["Decoder", "Encoder", "Features", "Host", "HostDetector", "HostSettings", "normalised"]
