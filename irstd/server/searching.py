"""Detection off the event loop: a few threads for all requests."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import cv2

from irstd.inference.workers import cores
from irstd.server.answers import Answer, FrameAnswer, answer_of, frame_answer
from irstd.server.body import Body
from irstd.server.frames import SentFrame
from irstd.server.model import ServedModel

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Wish:
    """Options of a request.

    Attributes:
        threshold: all that reach it; None: by the model's operating rules.
        pictures: a picture of each frame too.
    """

    threshold: float | None = None
    pictures: bool = False


class Searching:
    """Worker threads, one a core, that wait for each other nowhere (`irstd.inference.workers`)."""

    def __init__(self, workers: int | None = None) -> None:
        cv2.setNumThreads(1)
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # a stranger's damaged file is no news
        self._pool = ThreadPoolExecutor(workers or cores(), thread_name_prefix="search")

    async def answer(self, body: Body, model: ServedModel, wish: Wish) -> Answer:
        """Search the frames of a body with one model, each in the next free thread; the first fault ends it.

        Raises:
            DataError: the body holds no frames, or one cannot be read; names it.
        """
        frames = await self._run(body.frames)
        found: list[FrameAnswer] = []
        # A few at a time, so that a request of many frames leaves room for others.
        for start in range(0, len(frames), 2 * cores()):
            some = frames[start : start + 2 * cores()]
            found += await asyncio.gather(*(self._run(partial(_searched, each, model, wish)) for each in some))
        return answer_of(model, found)

    def close(self) -> None:
        """End the threads after what they are doing."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], ResultT]) -> ResultT:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def _searched(sent: SentFrame, model: ServedModel, wish: Wish) -> FrameAnswer:
    frame = sent.frame()
    return frame_answer(sent.name, frame, model.find(frame, wish.threshold), picture=wish.pictures)
