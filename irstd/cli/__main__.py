"""`python -m irstd.cli`: the command without its script."""

from irstd.cli import main

main()
