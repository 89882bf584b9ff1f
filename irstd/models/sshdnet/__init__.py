"""SSHD-Net: HRNet with dynamic kernels, regressing one point a target."""

from irstd.models.sshdnet.detector import SSHDNet, SSHDNetSettings

__all__ = ["SSHDNet", "SSHDNetSettings"]
