"""The team's stack as real processes of this machine: `python -m tests.team`."""
