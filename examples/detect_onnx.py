"""Frames to detections with onnxruntime, NumPy and OpenCV alone: no irstd, no torch. Copy it and change it.

    irstd export pretrained --out model.onnx
    python detect_onnx.py model.onnx FRAME... > detections.csv

A frame is an 8- or 16-bit image, grey or colour, of two pixels or more a side. It goes through in one piece; irstd
itself cuts large ones into tiles. The file's metadata says how levels are read, where the frame lies on the input, how
the output is decoded and how scores become probabilities.
"""

import json
import sys

import cv2
import numpy as np
import onnxruntime


class Detector:
    """A file of `irstd export`. Call it with a frame (H, W) or (H, W, 3) in RGB order, uint8 or uint16."""

    def __init__(self, path: str) -> None:
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        self.record = json.loads(self.session.get_modelmeta().custom_metadata_map["irstd"])

    def __call__(self, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return points (n, 2) of x, y in px, centres at integers, and scores (n,), strongest first."""
        rule = self.record["input"]
        levels = (local_levels if rule["deep"] == "local" else stretched)(frame)
        if rule["color"] == "grey":
            levels = levels if levels.ndim == 2 else cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY)
        elif levels.ndim == 2:
            levels = np.repeat(levels[..., None], 3, axis=2)
        size, matrix = placed(frame.shape[:2], rule)
        image = cv2.warpAffine(levels, matrix, size[::-1]).astype(np.float32) / np.float32(255)
        planes = image[None] if image.ndim == 2 else image.transpose(2, 0, 1)
        images = np.ascontiguousarray(np.broadcast_to(planes, (rule["channels"], *size))[None])
        (raw,) = self.session.run(None, {"images": images})
        points, scores = decoded(raw[0], self.record, frame.shape[:2], size, matrix)
        if self.record["calibration"] is not None:
            scores = probabilities(scores, **self.record["calibration"])
        return points, scores


# Levels: a frame over 8 bit becomes one of 8 bit.


def stretched(frame: np.ndarray) -> np.ndarray:
    """Spread the bulk of a 16-bit frame over the levels 26 to 153; 8-bit frames stay."""
    if frame.dtype == np.uint8:
        return frame
    low, high = np.percentile(frame, (1.0, 99.0))
    unit = (frame.astype(np.float32) - np.float32(low)) / np.float32(max(high - low, 1.0))
    return np.rint(np.clip(0.1 + 0.5 * unit, 0.0, 1.0) * 255.0).astype(np.uint8)


def local_levels(frame: np.ndarray) -> np.ndarray:
    """Height above the local background in units of the local noise, where the stretch would lose the noise."""
    if frame.dtype == np.uint8:
        return frame
    counts = frame.astype(np.float64)
    ground = smooth(counts)
    for _ in range(3):
        noise = noise_of(counts - ground)
        far = np.abs(counts - ground) > 10.0 * (noise if frame.ndim == 2 else noise[..., None])
        if not far.any():
            break
        ground = smooth(np.where(far, ground, counts))
    height = counts - ground
    noise = noise_of(height)
    low, high = np.percentile(frame, (1.0, 99.0))
    if np.percentile(noise, 10.0) * 127.5 / max(high - low, 1.0) >= 0.5:
        return stretched(frame)
    deviations = height / (noise if frame.ndim == 2 else noise[..., None])
    return np.rint(np.clip(102.0 + 64.0 * np.arcsinh(deviations / 16.0), 0.0, 255.0)).astype(np.uint8)


def smooth(counts: np.ndarray) -> np.ndarray:
    """Fit a polynomial of degree 5 to 31 px round each pixel, along columns and then along rows (Savitzky-Golay)."""
    for axis in (0, 1):
        lines = np.moveaxis(counts, axis, 0)
        window = min(31, (len(lines) - 1) // 2 * 2 + 1)
        half, powers = window // 2, np.vander(np.linspace(-1, 1, window), min(5, window // 4) + 1)
        fit = powers @ np.linalg.pinv(powers)  # row i: the weights of the window for the value at i
        flat = lines.reshape(len(lines), -1)
        found = cv2.filter2D(flat, -1, fit[half][:, None])
        found[:half], found[len(flat) - half :] = fit[:half] @ flat[:window], fit[half + 1 :] @ flat[-window:]
        counts = np.moveaxis(found.reshape(lines.shape), 0, axis)
    return counts


def noise_of(height: np.ndarray) -> np.ndarray:
    """Return the standard deviation round each pixel, from the geometric mean of the deviations."""
    deviation = np.abs(height) if height.ndim == 2 else np.abs(height).mean(axis=2)
    mean = np.log(np.maximum(deviation, 12.0**-0.5 / 2))
    for _ in range(2):
        mean = cv2.blur(mean, (31, 31), borderType=cv2.BORDER_REFLECT)
    return np.maximum(np.exp((np.euler_gamma + np.log(2.0)) / 2) * np.exp(mean), 12.0**-0.5)


# Place: where the frame lies on the input.


def placed(frame: tuple[int, int], rule: dict) -> tuple[tuple[int, int], np.ndarray]:
    """Return the input's (height, width), and the matrix (2, 3) from frame px to input px."""
    (height, width), side, multiple = frame, rule["size"], rule["multiple"]
    if side is None:
        return (-(-height // multiple) * multiple, -(-width // multiple) * multiple), np.eye(2, 3)
    shrink = min(side / height, side / width)
    x, y = (side - width * shrink) / 2, (side - height * shrink) / 2
    corners = np.array([[0, 0], [width - 1, 0], [0, height - 1]], np.float32)
    goals = np.array([[x, y], [side - 1 - x, y], [x, side - 1 - y]], np.float32)
    matrix = cv2.getAffineTransform(corners, goals)
    matrix[0, 1] = matrix[1, 0] = 0.0  # what rounding leaves
    return (side, side), matrix


# Decoding: the output becomes points and scores.


def decoded(
    raw: np.ndarray, record: dict, frame: tuple[int, int], size: tuple[int, int], matrix: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return points in frame px and scores, of the output (planes, h, w)."""
    form, rules = record["decode"], record["operating"]
    scale, offset, stride = np.array([matrix[0, 0], matrix[1, 1]]), matrix[:, 2], form["stride"]
    (height, width), cells = frame, raw
    if form["kind"] != "peaks":  # without the padding
        cells = raw[:, : -(-height // stride), : -(-width // stride)]
    plane = cells[-3] if form["kind"] == "centres" else cells[0]
    if form["sigmoid"]:
        with np.errstate(over="ignore"):
            plane = 1 / (1 + np.exp(-plane))
    mask = plane >= np.float32(rules["threshold"])
    if form["kind"] != "components":  # of 3 × 3 or 5 × 5 cells the highest
        window = np.ones((5, 5) if form["kind"] == "centres" else (3, 3), np.uint8)
        mask &= plane == cv2.dilate(plane, window, borderType=cv2.BORDER_REPLICATE)
    found, scores, firsts, areas = islands(mask, plane)
    order = np.argsort(-scores, kind="stable")[: rules["most"]]
    if rules["value_range"] is not None and len(order):
        top = scores[order[0]]
        order = order[top - scores[order] <= rules["value_range"] * abs(top)]
    found, scores, firsts, areas = found[order], scores[order], firsts[order], areas[order]
    if form["kind"] == "components":
        return (found - offset) / scale, scores
    if form["kind"] == "centres":
        moved = found + np.clip(cells[-2:].reshape(2, -1)[:, firsts].T, -2.0, 2.0)
        points = moved * stride + (stride - 1) / 2
        return np.clip(points, 0.0, (width - 1.0, height - 1.0)), scores
    shift = quarter if form["centre"] == "quarter" else centroid
    moves = [
        shift(plane, int(x), int(y)) if area == 1 else (0.0, 0.0) for (x, y), area in zip(found, areas, strict=True)
    ]
    points = (found + np.array(moves).reshape(-1, 2)) * stride
    near = offset - stride / 2
    inside = ((points >= near) & (points <= np.array(size[::-1]) - 1 - near)).all(axis=1)
    return (points[inside] - offset) / scale, np.clip(scores[inside], 0.0, 1.0)


def islands(mask: np.ndarray, plane: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the centroid (x, y), highest value, first cell and area of each 8-connected island, by first cell."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    highest = np.full(count, -np.inf)
    np.maximum.at(highest, labels.ravel(), plane.ravel())
    names, firsts = np.unique(labels, return_index=True)
    order = [name for name in names[np.argsort(firsts)] if name]  # 0 is what is no island
    first_of = dict(zip(names, firsts, strict=True))
    at = np.array([first_of[name] for name in order], dtype=np.int64)
    return centres[order].reshape(-1, 2), highest[order], at, stats[order, cv2.CC_STAT_AREA].reshape(-1)


def quarter(plane: np.ndarray, x: int, y: int) -> tuple[float, float]:
    """Return a quarter cell toward the larger neighbour along each axis."""
    height, width = plane.shape
    if not (1 < x < width - 1 and 1 < y < height - 1):
        return 0.0, 0.0
    return tuple(0.25 * np.sign((plane[y, x + 1] - plane[y, x - 1], plane[y + 1, x] - plane[y - 1, x])))


def centroid(plane: np.ndarray, x: int, y: int) -> tuple[float, float]:
    """Return the way to the centroid of the 7 × 7 cells round a peak that exceed 0.3 of it."""
    if plane[y, x] <= 0:
        return 0.0, 0.0
    top, left = max(y - 3, 0), max(x - 3, 0)
    weights = plane[top : y + 4, left : x + 4].astype(np.float64)
    weights = np.where(weights > 0.3 * plane[y, x], weights, 0.0)
    rows, columns = np.mgrid[: weights.shape[0], : weights.shape[1]]
    total = weights.sum()
    return (weights * columns).sum() / total + left - x, (weights * rows).sum() / total + top - y


def probabilities(scores: np.ndarray, rise: float, fall: float, shift: float) -> np.ndarray:
    """Return the probability of a target for each score in [0, 1]."""
    inner = 0.01 + 0.98 * scores
    return 1 / (1 + np.exp(-(rise * np.log(inner) - fall * np.log1p(-inner) + shift)))


def read(path: str) -> np.ndarray:
    """Return the frame in an image file, in RGB order."""
    image = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    if image is None:
        raise SystemExit(f"{path}: no image that OpenCV can read")
    return image if image.ndim == 2 else np.ascontiguousarray(image[..., 2::-1])


def main() -> None:
    """Print a table of the detections in the frames that are named."""
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    detector = Detector(sys.argv[1])
    print("frame,x,y,score")
    for path in sys.argv[2:]:
        for (x, y), score in zip(*detector(read(path)), strict=True):
            print(f"{path},{x:.3f},{y:.3f},{score:.4f}")


if __name__ == "__main__":
    main()
