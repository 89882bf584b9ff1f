"""Process tags, so that runs left open by a killed process can be closed."""

import platform

import psutil


def this_process() -> str:
    """Return this process's tag: machine, number, and start in s since 1970, since numbers are reused."""
    return f"{platform.node()} {psutil.Process().pid} {psutil.Process().create_time():.0f}"


def is_gone(mark: str) -> bool:
    """Tell whether the process of a tag has ended; False for other machines, which cannot be seen from here."""
    machine, *rest = mark.rsplit(" ", 2)
    if machine != platform.node() or len(rest) != 2 or not all(part.isdigit() for part in rest):
        return False
    number, began = (int(part) for part in rest)
    try:
        return abs(psutil.Process(number).create_time() - began) >= 2.0
    except psutil.NoSuchProcess:
        return True
