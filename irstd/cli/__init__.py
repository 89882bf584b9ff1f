"""The `irstd` command."""

from irstd.cli.app import app, main

__all__ = ["app", "main"]
