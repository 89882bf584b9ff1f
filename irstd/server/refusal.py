"""A refused request: a status and one plain line."""

from collections.abc import Mapping

from starlette.responses import PlainTextResponse

from irstd.errors import printable, shortened

MOST_LINE = 300


class RefusedError(Exception):
    """A request that is not answered.

    Attributes:
        status: of HTTP.
        headers: of the answer.
    """

    def __init__(self, status: int, line: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(line)
        self.status = status
        self.headers = dict(headers or {})

    def answer(self) -> PlainTextResponse:
        """Return the line as plain text."""
        return plain_line(self.status, str(self), self.headers)


def plain_line(status: int, line: str, headers: Mapping[str, str] | None = None) -> PlainTextResponse:
    """Return one line of at most 300 characters as an answer in plain text."""
    told = printable(shortened(line, MOST_LINE))
    return PlainTextResponse(f"{told}\n", status, dict(headers or {}))
