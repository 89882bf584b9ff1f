"""From new frames to a champion, or to the reasons why not: `python -m pipelines.retrain`.

Looks into the inbox and at the dataset's DVC pointer; audits, merges and versions what is new; reproduces; promotes.
"""

from typing import Any, cast

from prefect import Flow
from prefect.client.schemas.objects import State

from irstd.errors import ComputeError
from irstd.settings.load import load_settings
from pipelines.door import run, say, stage
from pipelines.retraining import inbox
from pipelines.retraining.undo import pending


@stage(name="retrain")
def retrain() -> State[Any]:
    """New frames to a champion, or to the reasons why not.

    A run that fails leaves champion, data and outputs as they were.
    """
    # A schedule hands this function to each run pickled, with whatever globals it names: with none of ours, a run takes
    # the code that is there by then, and not half of that which the schedule was started with.
    from pipelines.retraining.run import one_run  # noqa: PLC0415

    return one_run()


def main() -> None:
    """Retrain if there is anything new."""
    run(_work)


def _work() -> None:
    settings = load_settings()
    if not inbox.look(settings) and not pending():
        say(inbox.nothing_new(settings))
        return
    from pipelines.servers.embedded import prefect_server  # noqa: PLC0415 - imports Ray, which nothing new needs not

    with prefect_server():
        state = cast(State[Any], cast("Flow[[], Any]", retrain)(return_state=True))
    if state.is_failed() or state.is_crashed():
        raise ComputeError(state.message or "the run failed")


if __name__ == "__main__":
    main()
