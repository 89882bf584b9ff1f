"""The body of a request, read within its limits."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from starlette.datastructures import UploadFile
from starlette.requests import Request

from irstd.server.admission import bounded, in_time
from irstd.server.frames import SentFrame, sent_files, sent_json
from irstd.server.refusal import RefusedError
from irstd.tracking.payload import MOST_FRAMES

FORM, JSON, FILES = "multipart/form-data", "application/json", ("image/", "application/octet-stream")


@dataclass(frozen=True)
class Body:
    """A body that was read and not looked into.

    Attributes:
        frames: makes its frames; for a worker's thread. It raises `DataError` as `irstd.server.frames` states.
    """

    frames: Callable[[], list[SentFrame]]


async def read_body(request: Request) -> Body:
    """Read the body of a request.

    Raises:
        RefusedError: it is too long (413), too slow (408), of another type (415) or a form without files (400).
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (FORM, JSON) and not kind.startswith(FILES):
        raise RefusedError(
            415, f"Content-Type must be {FORM}, {JSON} or image/…; got {kind or 'none'}", {"Connection": "close"}
        )
    with in_time() as limit:
        async with limit:
            if kind == FORM:
                return Body(partial(sent_files, await _files(bounded(request))))
            content = await bounded(request).body()
    return Body(partial(sent_json, content) if kind == JSON else partial(sent_files, [("", content)]))


async def _files(request: Request) -> list[tuple[str, bytes]]:
    """Return name and content of the files of a form."""
    files = []
    async with request.form(max_files=MOST_FRAMES, max_fields=1) as form:  # its own refusals are HTTPExceptions, 400
        for field, value in form.multi_items():
            if not isinstance(value, UploadFile):
                raise RefusedError(400, f"field {field}: holds no file; send each frame as a file of the form")
            files.append((value.filename or "", await value.read()))
    return files
