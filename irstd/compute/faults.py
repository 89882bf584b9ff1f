"""One line for Ray's errors."""

import ray


def one_line(fault: BaseException) -> str:
    """Return a task's error, the end of its traceback; for a lost worker, Ray's first line."""
    if isinstance(fault, ray.exceptions.RayTaskError):
        return _filled(str(fault.cause))[-1]
    return _filled(str(fault))[0 if isinstance(fault, ray.exceptions.RayError) else -1]


def _filled(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()] or ["no message"]
