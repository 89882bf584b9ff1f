"""Turns at a registry that several machines change, so that one changes it at a time.

MLflow has no lock. A turn is a version of a registered model of its own: the server numbers versions, gives no number
twice, and lists a higher one only after all lower ones. Whoever holds the lowest has its turn, and deletes it after.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, RESOURCE_DOES_NOT_EXIST, ErrorCode

from irstd.errors import RegistryError
from irstd.project.process import is_gone, this_process
from irstd.tracking import MODEL, PROCESS_TAG, TURNS

_EVERY_S = 0.5  # whoever waits asks a server that the change under way needs too
_ATTEMPTS = 5  # the server itself gives up when several ask for a number at once
_NOWHERE = "s3://irstd/turn"  # a version must have a source, of a kind that no server refuses; nothing is read there


@contextmanager
def turn(client: MlflowClient, patience_s: float) -> Iterator[None]:
    """Wait for this process's turn and hold it.

    A turn before it that does not end within `patience_s` is taken for one of a dead process, and so is, at once, one
    of this machine whose process is gone.

    Raises:
        RegistryError: the turn was taken away meanwhile, since the wait was too long for the others.
        MlflowException: the registry does not answer or refuses.
    """
    number = _take(client)
    try:
        _wait(client, number, patience_s)
        yield
    finally:
        _drop(client, number)


def _take(client: MlflowClient) -> int:
    for left in reversed(range(_ATTEMPTS)):
        try:
            made = client.create_model_version(TURNS, _NOWHERE, tags={PROCESS_TAG: this_process()})
            return int(made.version)
        except MlflowException as fault:
            if fault.error_code == ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
                _make(client)
            elif not left:
                raise
    raise RegistryError(
        f"the registered model {TURNS} is deleted again and again; leave it, changes of {MODEL} need it"
    )


def _make(client: MlflowClient) -> None:
    try:
        client.create_registered_model(TURNS, description=f"Who may change {MODEL}, one after the other. Leave it.")
    except MlflowException as fault:
        if fault.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise


def _wait(client: MlflowClient, number: int, patience_s: float) -> None:
    first, since = 0, time.monotonic()
    while True:
        waiting = {int(each.version): each for each in client.search_model_versions(f"name = '{TURNS}'")}
        if number not in waiting:
            raise RegistryError("the turn to change the registry was given to another; nothing changed, run it again")
        lowest = min(waiting)
        if lowest == number:
            return
        if lowest != first:
            first, since = lowest, time.monotonic()
        if _is_dead(waiting[lowest]) or time.monotonic() - since > patience_s:
            _drop(client, lowest)
        else:
            time.sleep(_EVERY_S)


def _is_dead(found: ModelVersion) -> bool:
    return is_gone(found.tags.get(PROCESS_TAG, ""))


def _drop(client: MlflowClient, number: int) -> None:
    with suppress(MlflowException):  # others drop a turn too; one that stays is dropped by who waits for it
        client.delete_model_version(TURNS, str(number))
