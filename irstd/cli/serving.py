"""`irstd serve`: the chosen model behind HTTP, and the project's champion followed."""

import os
from typing import TYPE_CHECKING

from irstd.cli.model_choice import CHAMPION_URI, champion_number, default_model, model_files
from irstd.cli.progress import say
from irstd.errors import SettingsError
from irstd.export import is_onnx

if TYPE_CHECKING:
    from irstd.server.model import ServedModel
    from irstd.server.watching import Current, Watcher

_NAMED = CHAMPION_URI.partition("@")[0]


def serve_model(host: str, port: int, model: str | None) -> None:
    """Serve a model until Ctrl-C, and a new champion where the champion was asked for.

    Args:
        host: address to listen on.
        port: 0 is any free one.
        model: of the registry, `pretrained`, a bundle's folder or an ONNX file; None: the champion, without one
            `pretrained`, until there is one.

    Raises:
        SettingsError: a package is missing, or the address cannot be used.
        ModelError: the bundle cannot be used.
        RegistryError: the registry or the model in it is not there.
    """
    _check_packages()
    from irstd.server.run import access_rules, listen, serve  # noqa: PLC0415 - torch takes seconds
    from irstd.server.watching import Current  # noqa: PLC0415

    rules = access_rules(host, os.environ)
    listening = listen(host, port)
    chosen = model or default_model()
    number = _champion() if chosen == CHAMPION_URI else None
    current = Current(_load(chosen, number))
    follows = model is None or model == CHAMPION_URI
    watcher = _watcher(current, follows=follows)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}/"
    also = ", and each new champion" if follows else ""
    closed = "" if rules.token is None else "; asks for the token"
    serve(
        current,
        rules,
        listening,
        watcher,
        lambda: say(f"serving {current.model}{also} on {address} until Ctrl-C{closed}"),
    )


def _watcher(current: "Current", *, follows: bool) -> "Watcher":
    from irstd.server.watching import Watcher  # noqa: PLC0415

    return Watcher(current, _champion if follows else lambda: None, lambda number: _load(CHAMPION_URI, number), say)


def _champion() -> str | None:
    try:
        return champion_number()
    except ModuleNotFoundError:  # of MLflow; fetching the champion says what to install
        return None


def _load(model: str, number: str | None) -> "ServedModel":
    """Load a model; that of `number` where the champion is meant, so that what is told is what is loaded."""
    from irstd.server.model import load_served, load_served_file  # noqa: PLC0415

    if is_onnx(model):
        return load_served_file(model)
    return load_served(model_files(model if number is None else f"{_NAMED}/{number}"), model, number)


def _check_packages() -> None:
    """Raise if a package of the extra is missing.

    Raises:
        SettingsError: names it.
    """
    try:
        import fastapi  # noqa: F401, PLC0415
        import prometheus_client  # noqa: F401, PLC0415
        import python_multipart  # noqa: F401, PLC0415
        import uvicorn  # noqa: F401, PLC0415
    except ModuleNotFoundError as fault:
        raise SettingsError(
            f"irstd serve: needs {fault.name}, which is not installed; pip install 'irstd[serve]'"
        ) from fault
