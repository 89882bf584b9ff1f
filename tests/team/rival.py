"""One of several clients that promote at once: `python -m tests.team.rival ROOT VERSION INSTEAD_OF SIGNAL`.

It opens the registry, says that it is ready by a file, waits for the file SIGNAL, and promotes.
"""

import sys
import time
from pathlib import Path

from irstd.errors import IrstdError
from irstd.project.environment import prepare_environment
from irstd.promotion.champions import set_champion
from irstd.promotion.history import BY_PERSON
from irstd.tracking.registry import get_version
from irstd.tracking.store import open_store


def main(root: Path, number: str, instead_of: str, signal: Path) -> int:
    """Promote a version; exit code 1 and a line where it was refused."""
    prepare_environment(None)  # no bars of progress among the errors
    store = open_store(root)
    version = get_version(store, number)
    (root / "ready").touch()
    while not signal.exists():
        time.sleep(0.001)
    try:
        set_champion(store, version, BY_PERSON, f"client of version {number}", instead_of)
    except IrstdError as fault:
        sys.stderr.write(f"error: {fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])))
