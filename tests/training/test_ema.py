import pytest
import torch

from irstd.training.ema import WeightAverage, decay_at
from tests.training.tiny import TinyResponse


def test_decay_rises_to_its_setting() -> None:
    assert [decay_at(n, 0.99) for n in (1, 8, 10**6)] == [2 / 11, 9 / 18, 0.99]
    assert decay_at(1, 0.1) == 0.1


def test_the_average_follows_the_formula_and_buffers_are_copied() -> None:
    trained = TinyResponse()
    average = WeightAverage(trained, decay=0.9)
    expected = {name: weight.detach().clone() for name, weight in trained.named_parameters()}
    for update in (1, 2, 3):
        with torch.no_grad():
            for weight in trained.parameters():
                weight.add_(float(update))
            for buffer in trained.buffers():
                buffer.add_(1)
        average.update(trained, update)
        decay = (1 + update) / (10 + update)
        for name, weight in trained.named_parameters():
            expected[name] = decay * expected[name] + (1 - decay) * weight.detach()
    for name, weight in average.detector.named_parameters():
        torch.testing.assert_close(weight, expected[name])
        assert not weight.requires_grad
    for kept, current in zip(average.detector.buffers(), trained.buffers(), strict=True):
        assert torch.equal(kept, current)


def test_decay_zero_is_the_weights_themselves() -> None:
    trained = TinyResponse()
    average = WeightAverage(trained, decay=0.0)
    with torch.no_grad():
        for weight in trained.parameters():
            weight.mul_(torch.pi)
    average.update(trained, 1)
    for kept, current in zip(average.detector.parameters(), trained.parameters(), strict=True):
        assert torch.equal(kept, current)


def test_the_twin_is_apart_from_the_trained_one() -> None:
    trained = TinyResponse()
    average = WeightAverage(trained, decay=0.5)
    before = [weight.clone() for weight in average.detector.parameters()]
    with torch.no_grad():
        next(trained.parameters()).add_(1.0)
    assert all(torch.equal(a, b) for a, b in zip(before, average.detector.parameters(), strict=True))
    assert not average.detector.training
    assert before[0].sum().item() == pytest.approx(next(iter(average.detector.parameters())).sum().item())
