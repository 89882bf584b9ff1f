"""`irstd serve` under load for some minutes: does its memory stay flat, and is every request answered?

    python benchmarks/soak.py [--minutes 10] [--clients 4]        (`make soak`)

The clients send frames of many sizes, single and several, 8 and 16 bit, as files, base64 and arrays, and requests at
fault. Memory is the server's own figure (/metrics). The exit code is 1 if the second half's highest is more than 5 %
above the first half's after a minute (a tenth of shorter runs) of warming up, or if an answer is not the one expected.
"""

import argparse
import base64
import itertools
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import cv2
import httpx
import numpy as np

_GROWTH = 0.05
_SAMPLES = 60
Ask = tuple[str, dict[str, object], int]
"""Where to, with what, and the status expected."""


def main() -> int:
    """Run the soak; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    command = [sys.executable, "-m", "irstd.cli", "serve", "--port", "0", "--model", "pretrained"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        line = server.stdout.readline().strip()
        print(line, flush=True)
        return _soak(line.split(" on ")[-1].split()[0], 60 * options.minutes, options.clients)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _soak(address: str, seconds: float, clients: int) -> int:
    end = time.monotonic() + seconds
    memory = list[tuple[float, float]]()
    with ThreadPoolExecutor(clients) as pool:
        counts = [pool.submit(_client, address, end, number) for number in range(clients)]
        with httpx.Client(base_url=address, timeout=60) as client:
            begun = time.monotonic()
            while time.monotonic() < end:
                found = re.search(r"(?m)^process_resident_memory_bytes (\S+)", client.get("/metrics").text)
                memory.append((time.monotonic() - begun, float(found[1]) / 2**20 if found else 0.0))
                time.sleep(seconds / _SAMPLES)
    total = sum((each.result() for each in counts), Counter[str]())
    warm = [mib for at, mib in memory if at > min(60.0, seconds / 10)]
    first, second = max(warm[: len(warm) // 2]), max(warm[len(warm) // 2 :])
    wrong = {name: many for name, many in total.items() if "instead" in name}
    print(f"{sum(total.values())} requests in {seconds:.0f} s: {dict(sorted(total.items()))}")
    print(f"memory {memory[0][1]:.0f} MiB at first, up to {first:.0f} in the first half and {second:.0f} in the second")
    flat = second <= (1 + _GROWTH) * first
    print(f"{'flat' if flat else 'GROWS'}: {second / first - 1:+.1%}; {wrong or 'every answer as expected'}")
    return 0 if flat and not wrong else 1


def _client(address: str, end: float, number: int) -> Counter[str]:
    counts = Counter[str]()
    with httpx.Client(base_url=address, timeout=60) as client:
        for path, content, status in itertools.islice(itertools.cycle(_asks()), number, None):
            if time.monotonic() > end:
                return counts
            got = client.post(path, **content).status_code  # type: ignore[arg-type]
            counts[str(got) if got in (status, 503) else f"{got} instead of {status}"] += 1
    return counts


def _asks() -> list[Ask]:
    rng = np.random.default_rng(0)

    def png(side: int, kind: type[np.unsignedinteger] = np.uint8) -> bytes:
        return cv2.imencode(".png", rng.integers(20, 60, (side, side + 16)).astype(kind))[1].tobytes()

    def files(*contents: bytes) -> dict[str, object]:
        return {"files": [("files", (f"{index}.png", content)) for index, content in enumerate(contents)]}

    def inputs(*items: object) -> dict[str, object]:
        return {"json": {"inputs": items}}

    good: list[Ask] = [
        *(("/detect", files(png(side)), 200) for side in (64, 200, 256, 333, 512, 640)),
        ("/detect", files(png(256, np.uint16), png(128), png(300)), 200),
        ("/detect?threshold=0&pictures=true", files(png(512)), 200),
        ("/detect", inputs(base64.b64encode(png(256)).decode()), 200),
        ("/detect", inputs(rng.integers(0, 60, (64, 64)).tolist()), 200),
    ]
    bad: list[Ask] = [
        ("/detect", files(b"no image"), 400),
        ("/detect", files(png(256)[:200]), 400),
        ("/detect", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("/detect?threshold=7", files(png(64)), 400),
        ("/elsewhere", {"content": b""}, 404),
    ]
    return [*good, *bad]


if __name__ == "__main__":
    sys.exit(main())
