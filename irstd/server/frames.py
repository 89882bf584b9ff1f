"""The frames of a request: files of a form, a bare file, or the JSON that MLflow's server takes too."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from irstd.errors import DataError, printable, shortened
from irstd.files import parse_json
from irstd.frames import Frame, decode_frame
from irstd.tracking.payload import MOST_FRAMES, MOST_PIXELS_A_REQUEST, check_content, content_of

_INPUTS = "inputs"


@dataclass(frozen=True)
class SentFrame:
    """A frame of a request, of a size that may be searched; a file is not decoded yet.

    Attributes:
        name: of the file, or `frame 0` and so on.
        content: the content of a file, or levels.
    """

    name: str
    content: bytes | Frame

    def frame(self) -> Frame:
        """Return the frame.

        Raises:
            DataError: it is no image that can be read; the message begins with its name.
        """
        if not isinstance(self.content, bytes):
            return self.content
        frame = decode_frame(self.content, self.name)
        check_content(frame, self.name, MOST_PIXELS_A_REQUEST)  # what is decoded, whatever the header told
        return frame


def sent_files(files: list[tuple[str, bytes]]) -> list[SentFrame]:
    """Return the frames in files (name, content); of a name only its last part counts, and no such path is opened.

    Raises:
        DataError: there is none, there are too many files or pixels, or one is no image or of a wrong size.
    """
    return _checked([(_name_of(name) or f"frame {index}", content) for index, (name, content) in enumerate(files)])


def sent_json(body: bytes) -> list[SentFrame]:
    """Return the frames in `{"inputs": [frame, …]}`; `irstd.tracking.payload` states the form of one.

    Raises:
        DataError: it is no such JSON, or as `sent_files`.
    """
    try:
        content = parse_json(body.decode(), "the request")
    except UnicodeDecodeError as fault:
        raise DataError(f"the request: is no JSON in UTF-8 ({fault.reason})") from fault
    items = content.get(_INPUTS) if isinstance(content, Mapping) else None
    if not isinstance(items, list) or set(content) != {_INPUTS}:
        raise DataError(f'the request: must be {{"{_INPUTS}": [frame, …]}} and hold nothing else')
    _check_count(len(items))
    return _checked([(f"frame {index}", content_of(item, f"frame {index}")) for index, item in enumerate(items)])


def _checked(named: list[tuple[str, bytes | Frame]]) -> list[SentFrame]:
    _check_count(len(named))
    left = MOST_PIXELS_A_REQUEST
    for name, content in named:
        left -= check_content(content, name, left)
    return [SentFrame(name, content) for name, content in named]


def _check_count(frames: int) -> None:
    if not 1 <= frames <= MOST_FRAMES:
        raise DataError(f"the request has {frames} frames; send 1 to {MOST_FRAMES}")


def _name_of(path: str) -> str:
    return shortened(printable(PurePosixPath(path.replace("\\", "/")).name))
