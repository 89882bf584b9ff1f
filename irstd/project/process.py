"""Marks of processes, by which what one has open is known to be nobody's any more once it was killed."""

import platform

import psutil


def this_process() -> str:
    """This process's mark: machine, number, and when it began in s since 1970, since numbers come again."""
    return f"{platform.node()} {psutil.Process().pid} {psutil.Process().create_time():.0f}"


def is_gone(mark: str) -> bool:
    """Whether a `this_process` of this machine has ended; False for anything else, which cannot be seen from here."""
    machine, *rest = mark.rsplit(" ", 2)
    if machine != platform.node() or len(rest) != 2 or not all(part.isdigit() for part in rest):
        return False
    number, began = (int(part) for part in rest)
    try:
        return abs(psutil.Process(number).create_time() - began) >= 2.0
    except psutil.NoSuchProcess:
        return True
