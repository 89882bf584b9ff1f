"""Retrain on new frames: `python -m pipelines.retrain`.

Look into the inbox and at the dataset's DVC pointer; audit, merge and version what is new; reproduce; promote.
"""

from pipelines.door.command import Work, command, settings_for_promotion
from pipelines.door.console import say


@command
def main() -> Work | None:
    """Retrain if there is anything new in the inbox or in the dataset's DVC pointer."""
    settings = settings_for_promotion()
    from pipelines.retraining import inbox
    from pipelines.retraining.undo import pending

    if not inbox.look(settings) and not pending():
        say(inbox.nothing_new(settings))
        return None
    from pipelines.retrain import run_once

    return run_once


from typing import Any, cast

from prefect import Flow
from prefect.client.schemas.objects import State

from irstd.errors import ComputeError
from pipelines.door.flows import stage


@stage(name="retrain")
def retrain() -> State[Any]:
    """Retrain on new frames, and promote or say why not.

    A run that fails leaves champion, data and outputs as they were.
    """
    # A schedule hands this function to each run pickled, with whatever globals it names: with none of ours, a run takes
    # the code that is there by then, and not half of that which the schedule was started with.
    from pipelines.door.command import use_fits_instructions

    use_fits_instructions()  # before NumPy and torch, for the promotion
    from pipelines.retraining.run import one_run

    return one_run()


def run_once() -> None:
    """Retrain under a Prefect server.

    Raises:
        ComputeError: the run failed; its own line.
    """
    from pipelines.servers.embedded import prefect_server

    with prefect_server():
        state = cast(State[Any], cast("Flow[[], Any]", retrain)(return_state=True))
    if state.is_failed() or state.is_crashed():
        raise ComputeError(state.message or "the run failed")
