"""The parts of the demo's scenes."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage

from irstd.curation.demo.backgrounds import BACKGROUNDS
from irstd.curation.demo.distractors import add_distractors
from irstd.curation.demo.fields import fractal, gradient, step
from irstd.curation.demo.optics import image_of
from irstd.curation.demo.sensor import CAMERAS, Camera, make_sensor
from irstd.curation.demo.targets import MASK_SHARE, add_targets

SIZE = (48, 64)


def test_point_through_the_optics_by_hand() -> None:
    image = image_of(np.array([[20.0, 10.0]]), np.array([3.0]), SIZE, 0.8)
    # Share of the middle pixel on one axis: P(|z| < 0.5 / 0.8) = 0.468029.
    assert image[10, 20] == pytest.approx(3.0 * 0.468029**2, rel=1e-5)
    assert image.sum() == pytest.approx(3.0, rel=1e-8)


def test_energy_and_centroid_are_kept() -> None:
    points, weights = np.array([[20.3, 10.8], [22.1, 12.4]]), np.array([1.0, 2.0])
    image = image_of(points, weights, SIZE, 0.75)
    rows, columns = np.indices(SIZE)
    assert image.sum() == pytest.approx(3.0)
    centroid = ((image * columns).sum() / 3.0, (image * rows).sum() / 3.0)
    assert centroid == pytest.approx(tuple(weights @ points / 3.0))


def test_half_a_target_at_the_border() -> None:
    image = image_of(np.array([[-0.5, 10.0]]), np.ones(1), SIZE, 0.8)
    assert image.sum() == pytest.approx(0.5)
    assert image_of(np.array([[-90.0, 10.0]]), np.ones(1), SIZE, 0.8).sum() == 0.0


def test_fractal_has_the_asked_spectrum() -> None:
    field = fractal(np.random.default_rng(0), (256, 256), 3.0)
    assert field.mean() == pytest.approx(0.0, abs=1e-12)
    assert field.std() == pytest.approx(1.0)
    window = np.hanning(256)[:, None] * np.hanning(256)
    power = np.abs(np.fft.fft2(field * window)) ** 2
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256)))
    edges = np.geomspace(4.0 / 256.0, 0.4, 9)
    mean = [power[(radius >= low) & (radius < high)].mean() for low, high in pairwise(edges)]
    slope = np.polyfit(np.log(np.sqrt(edges[:-1] * edges[1:])), np.log(mean), 1)[0]
    assert slope == pytest.approx(-3.0, abs=0.3)


def test_step_and_gradient() -> None:
    np.testing.assert_allclose(step(np.array([-9.0, 0.0, 9.0]), 2.0), [0.0, 0.5, 1.0])
    np.testing.assert_allclose(gradient((3, 2), 10.0, 30.0)[:, 0], [10.0, 20.0, 30.0])


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_backgrounds(name: str) -> None:
    for seed in range(5):
        scene = BACKGROUNDS[name](np.random.default_rng(seed), SIZE)
        assert scene.levels.shape == scene.free.shape == SIZE
        assert np.isfinite(scene.levels).all()
        assert -20.0 < scene.levels.mean() < 255.0
        assert scene.levels.std() > 0.5
        assert scene.free.mean() > 0.1


def test_distractors_are_bright_and_no_place_for_targets() -> None:
    rng = np.random.default_rng(1)
    scene = BACKGROUNDS["cloud"](rng, SIZE)
    busy = add_distractors(rng, scene, at_least=3)
    added = busy.levels - scene.levels
    assert added.min() >= 0.0
    assert added.max() > 5.0
    assert added[busy.free].max() < 1.0


def test_targets_stand_out_as_drawn() -> None:
    camera, free = CAMERAS[0], np.zeros((128, 128), dtype=np.bool_)
    free[30:, :] = True
    flat = np.full((128, 128), 60.0)
    ratios = []
    for seed in range(40):
        targets = add_targets(np.random.default_rng(seed), flat, free, 4, camera)
        for target in targets:
            x, y = target.centre
            assert free[round(y), round(x)]
            row, column = np.unravel_index(np.argmax(target.levels), target.levels.shape)
            assert np.hypot(column - x, row - y) < 4.5
            np.testing.assert_array_equal(target.mask, target.levels >= MASK_SHARE * target.levels.max())
            assert 1 <= target.mask.sum() <= 81
            assert ndimage.label(target.mask, np.ones((3, 3)))[1] == 1
            ratios.append(target.levels.max() / camera.noise)
    # On a flat background the local deviation is the noise alone.
    assert min(ratios) > 1.5
    assert max(ratios) < 12.0
    assert np.quantile(ratios, 0.9) > 2.5 * np.quantile(ratios, 0.1)


def test_no_room_no_target() -> None:
    nowhere = np.zeros((128, 128), dtype=np.bool_)
    assert add_targets(np.random.default_rng(0), np.zeros((128, 128)), nowhere, 3, CAMERAS[0]) == []


@pytest.mark.parametrize("camera", CAMERAS)
def test_sensors(camera: Camera) -> None:
    sensor = make_sensor(np.random.default_rng(0), camera)
    assert (sensor.leaks > 0).sum() == camera.hot
    assert (sensor.leaks < 0).sum() == camera.cold
    assert ndimage.label(sensor.dead, np.ones((3, 3)))[1] == sensor.dead.sum()
    frames = np.stack([sensor.shoot(np.random.default_rng(seed), np.full(camera.size, 90.0)) for seed in range(20)])
    assert frames.dtype == (np.uint8 if camera.counts is None else np.uint16)
    offset, gain = camera.counts or (0.0, 1.0)
    levels = (frames.astype(np.float64) - offset) / gain
    assert levels.std(axis=0).mean() == pytest.approx(camera.noise, rel=0.1)
    sound = ~sensor.dead
    np.testing.assert_allclose(levels.mean(axis=0)[sound], 90.0 + sensor.offsets[sound], atol=camera.noise * 1.5)
