"""What Ray's many lines come down to."""

import ray


def one_line(fault: BaseException) -> str:
    """What went wrong in a task, whose traceback ends with it; of a worker that was lost, what Ray says first."""
    if isinstance(fault, ray.exceptions.RayTaskError):
        return _filled(str(fault.cause))[-1]
    return _filled(str(fault))[0 if isinstance(fault, ray.exceptions.RayError) else -1]


def _filled(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()] or ["no message"]
