"""What the drill needs beside the project's environment."""

from importlib.util import find_spec

_MODULES = ("psycopg2", "boto3", "s3fs", "dvc_s3", "flask_wtf", "moto")


class MissingError(Exception):
    """Something is not installed; the message says what to do."""


def require_packages() -> None:
    """Raise unless the packages of the stack are there.

    Raises:
        MissingError: names those that are not.
    """
    missing = [name for name in _MODULES if find_spec(name) is None]
    if missing:
        raise MissingError(
            f"Python has no {', '.join(missing)}; `make team` installs them (deploy/requirements.txt and moto)"
        )
