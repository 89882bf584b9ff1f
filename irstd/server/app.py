"""The application: its routes, and one plain line for whatever is refused."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from irstd.errors import DataError
from irstd.server.access import AccessRules, Guard
from irstd.server.admission import Admission
from irstd.server.answers import Answer
from irstd.server.body import FORM, JSON, read_body
from irstd.server.metrics import CONTENT_TYPE, Counted, Metrics
from irstd.server.page_files import PageFile, page_files
from irstd.server.refusal import RefusedError, plain_line
from irstd.server.searching import Searching, Wish
from irstd.server.watching import Current

_LINE: dict[str, Any] = {"content": {"text/plain": {"schema": {"type": "string"}}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A frame or a parameter at fault, in one line; no frame is answered.", **_LINE},
    401: {"description": "The token is missing or wrong.", **_LINE},
    403: {"description": "A page of another site asks.", **_LINE},
    408: {"description": "The body came too slowly.", **_LINE},
    413: {"description": "The body is too long.", **_LINE},
    415: {"description": "The body is of another type.", **_LINE},
    421: {"description": "The Host is not this server's.", **_LINE},
    503: {"description": "Busy; Retry-After says when to ask again.", **_LINE},
}
_FRAME = {
    "description": "base64 of a PNG or TIFF; levels (H, W) or (H, W, 3); or either with its depth",
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {}},
        {"type": "object", "properties": {"image": {}, "bits": {"enum": [8, 16]}}, "required": ["image"]},
    ],
}
_FILE = {"type": "string", "format": "binary"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {"files": {"type": "array", "items": _FILE, "minItems": 1}},
                    "required": ["files"],
                }
            },
            JSON: {
                "schema": {
                    "type": "object",
                    "properties": {"inputs": {"type": "array", "items": _FRAME, "minItems": 1}},
                    "required": ["inputs"],
                    "additionalProperties": False,
                }
            },
            "image/*": {"schema": _FILE},
        },
    }
}


def build_app(current: Current, rules: AccessRules, admission: Admission | None = None) -> ASGIApp:
    """Return the application that serves `current` to those whom `rules` let in."""
    admission = admission or Admission()
    metrics = Metrics(current, admission)
    searching = Searching()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        searching.close()

    # FastAPI's own pages of documentation load scripts from elsewhere.
    app = FastAPI(
        title="irstd", summary="Infrared small target detection", docs_url=None, redoc_url=None, lifespan=lifespan
    )
    _answer_faults(app)
    _add_detection(app, current, admission, searching, metrics)
    _add_state(app, current, admission, metrics)
    files = _add_page(app)
    paths = frozenset(route.path for route in app.routes if hasattr(route, "path"))
    rules = replace(rules, open=rules.open | files | {"/openapi.json"})
    return Counted(Guard(app, rules), metrics, paths)


def _add_detection(
    app: FastAPI, current: Current, admission: Admission, searching: Searching, metrics: Metrics
) -> None:
    @app.post("/detect", response_model=Answer, responses=_REFUSALS, openapi_extra=_BODY)
    async def detect(
        request: Request,
        threshold: Annotated[
            float | None,
            Query(ge=0, le=1, description="Return all that reach it, 64 a frame at most; else the model's own rules."),
        ] = None,
        pictures: Annotated[bool, Query(description="Return each frame as an 8-bit PNG too.")] = False,
    ) -> Response:
        """Detect targets in the frames of the request."""
        with admission.admitted(request):
            body = await read_body(request)
            answer = await searching.answer(body, current.model, Wish(threshold, pictures))
        metrics.frames.inc(len(answer.frames))
        metrics.detections.inc(sum(len(each.detections) for each in answer.frames))
        return Response(answer.model_dump_json(), media_type=JSON)


def _add_state(app: FastAPI, current: Current, admission: Admission, metrics: Metrics) -> None:
    refused: dict[int | str, dict[str, Any]] = {status: _REFUSALS[status] for status in (401, 403, 421)}

    @app.get("/health", response_class=PlainTextResponse)
    async def health() -> Response:
        """Tell that the process answers."""
        return PlainTextResponse("ok\n")

    @app.get("/ready", response_class=PlainTextResponse, responses={503: _REFUSALS[503]})
    async def ready() -> Response:
        """Tell whether a request for detections would be taken in now."""
        return plain_line(503, "busy", {"Retry-After": "1"}) if admission.is_full else PlainTextResponse("ready\n")

    @app.get("/metrics", response_class=PlainTextResponse, responses=refused)
    async def figures() -> Response:
        """Return the server's figures for Prometheus."""
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    @app.get("/model", responses=refused)
    async def model() -> dict[str, Any]:
        """Return the model in use: names, card, operating points on validation, calibration."""
        return current.model.told()


def _add_page(app: FastAPI) -> frozenset[str]:
    """Add the page; return its paths."""
    files = page_files()
    for path, file in files.items():
        app.add_route(path, _sending(file), methods=["GET"], include_in_schema=False)
    return frozenset(files)


def _sending(file: PageFile) -> Callable[[Request], Awaitable[Response]]:
    async def content(_: Request) -> Response:
        return Response(file.content, headers={"Content-Type": file.kind})

    return content


def _answer_faults(app: FastAPI) -> None:
    @app.exception_handler(RefusedError)
    async def refused(_: Request, fault: RefusedError) -> Response:
        return fault.answer()

    @app.exception_handler(DataError)
    async def faulty(_: Request, fault: DataError) -> Response:
        return plain_line(400, str(fault))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, fault: RequestValidationError) -> Response:
        first = fault.errors()[0]
        return plain_line(400, f"{first['loc'][-1]}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def http(request: Request, fault: HTTPException) -> Response:
        return plain_line(fault.status_code, f"{request.method} {request.url.path}: {fault.detail}", fault.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> Response:
        return plain_line(400, "the client went away")

    @app.exception_handler(Exception)  # raised again behind it, so that uvicorn logs it
    async def broken(_: Request, fault: Exception) -> Response:
        return plain_line(500, f"an error of the server ({type(fault).__name__}); its log has more")
