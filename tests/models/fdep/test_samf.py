import pytest
import torch

from irstd.models.fdep import SAMF


def plain_reference(block: SAMF, deep: torch.Tensor, foundation: torch.Tensor) -> torch.Tensor:
    """The figure's formula, step by step, features already on the host's grid."""
    half = deep.shape[1] // 2
    first, second = deep[:, :half], deep[:, half:]
    a = first * (block.least + block.gain(foundation))
    b = second + block.shift(foundation)
    return torch.as_tensor(block.out(torch.cat([block.gained(a), block.shifted(b)], dim=1) + deep))


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("identity", [False, True])
def test_it_is_the_formula_of_the_figure(residual: bool, identity: bool) -> None:
    torch.manual_seed(0)
    block = SAMF(8, 6, residual_gain=residual, identity=identity).eval()
    deep, foundation = torch.randn(2, 8, 5, 7), torch.randn(2, 6, 5, 7)
    torch.testing.assert_close(block(deep, foundation), plain_reference(block, deep, foundation))


def test_a_residual_multiplier_lets_the_host_through_where_the_foundation_says_nothing() -> None:
    torch.manual_seed(0)
    plain, residual = SAMF(4, 3).eval(), SAMF(4, 3, residual_gain=True).eval()
    residual.load_state_dict(plain.state_dict())
    for block in (plain, residual):
        torch.nn.init.zeros_(block.gain.weight)
        torch.nn.init.zeros_(block.gain.bias)  # type: ignore[arg-type]  # it has one
    deep, silent = torch.rand(1, 4, 3, 3), torch.zeros(1, 3, 3, 3)
    assert not torch.equal(plain(deep, silent), residual(deep, silent))


@pytest.mark.parametrize("grid", [(1, 1), (3, 5), (28, 40)])
def test_features_of_any_grid_come_to_the_hosts(grid: tuple[int, int]) -> None:
    out = SAMF(8, 6)(torch.randn(2, 8, 7, 10), torch.randn(2, 6, *grid))
    assert out.shape == (2, 8, 7, 10)


def test_both_inputs_reach_every_weight() -> None:
    block = SAMF(8, 6)
    block(torch.randn(2, 8, 4, 4), torch.randn(2, 6, 4, 4)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in block.parameters())


def test_it_begins_as_the_identity_and_learns_from_there() -> None:
    torch.manual_seed(0)
    block = SAMF(8, 6, identity=True).train()
    optimizer = torch.optim.SGD(block.parameters(), lr=0.1)
    deep, foundation, goal = torch.randn(2, 8, 4, 4), torch.randn(2, 6, 4, 4), torch.randn(2, 8, 4, 4)
    assert torch.equal(block(deep, foundation), deep)
    for _ in range(2):  # the first step opens the gains of 0, through which the others learn
        optimizer.zero_grad()
        (block(deep, foundation) - goal).square().sum().backward()
        optimizer.step()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in block.parameters())
