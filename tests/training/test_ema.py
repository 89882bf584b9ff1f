import pytest
import torch

from irstd.training.ema import WeightAverage, decay_at
from tests.training.tiny import TinyResponse


def test_decay_rises_to_its_setting() -> None:
    assert [decay_at(n, 0.99) for n in (1, 8, 10**6)] == [2 / 11, 9 / 18, 0.99]
    assert decay_at(1, 0.1) == 0.1


def test_weights_and_statistics_follow_the_formula_and_counts_are_copied() -> None:
    trained = TinyResponse()
    average = WeightAverage(trained, decay=0.9)
    averaged = {name: value for name, value in trained.state_dict().items() if value.is_floating_point()}
    expected = {name: value.clone() for name, value in averaged.items()}
    assert any("running_var" in name for name in expected)
    for update in (1, 2, 3):
        with torch.no_grad():
            for weight in trained.parameters():
                weight.add_(float(update))
            for buffer in trained.buffers():
                buffer.add_(1)
        average.update(trained, update)
        decay = (1 + update) / (10 + update)
        for name, value in averaged.items():
            expected[name] = decay * expected[name] + (1 - decay) * value
    for name, kept in average.detector.state_dict().items():
        torch.testing.assert_close(kept, expected.get(name, trained.state_dict()[name]))
    assert not any(weight.requires_grad for weight in average.detector.parameters())


def test_decay_zero_is_the_weights_themselves() -> None:
    trained = TinyResponse()
    average = WeightAverage(trained, decay=0.0)
    with torch.no_grad():
        for weight in trained.parameters():
            weight.mul_(torch.pi)
    average.update(trained, 1)
    for kept, current in zip(average.detector.state_dict().values(), trained.state_dict().values(), strict=True):
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
