"""A Ray of the tests' own, whatever cluster the machine may have."""

from collections.abc import Iterator

from irstd.compute.ray_import import ray
from irstd.project.environment import prepare_environment


def own_ray(cpus: int, gpus: int = 0) -> Iterator[None]:
    """Start it with so many CPUs and logical GPUs; for a fixture to `yield from`."""
    prepare_environment(None)
    ray.init(
        "local",
        num_cpus=cpus,
        num_gpus=gpus,
        include_dashboard=False,
        log_to_driver=False,
        _node_ip_address="127.0.0.1",
    )
    yield
    ray.shutdown()
