"""What is to be built, and on what."""

from dataclasses import dataclass

from measured_constants import NETWORKS, PAYLOAD_BYTES


class CostModelError(Exception):
    """An input that nothing was measured for, in one sentence with the remedy."""


@dataclass(frozen=True)
class Plan:
    """Pictures, network and machines."""

    pictures: int
    model: str
    dimension: int
    output_dimension: int
    row_type: str
    precision: str
    pictures_per_core_second: float
    samples_per_second: float
    machines: int
    cores: int
    memory: int
    open_files: int
    price_per_core_hour: float | None

    @staticmethod
    def of(pictures: int, model: str, row_type: str, precision: str, *, rate: float | None = None,
           dimension: int | None = None, output_dimension: int = 512, machines: int = 1, cores: int = 32,
           memory: int = 64 << 30, open_files: int = 524288, price: float | None = None) -> "Plan":
        """A plan with the measured speed of a known model, or with the speed and the dimension that are given."""
        if row_type not in PAYLOAD_BYTES:
            raise CostModelError(f"dtype {row_type} is not known. Give one of {', '.join(PAYLOAD_BYTES)}.")
        network = NETWORKS.get(model)
        if network is None and (rate is None or dimension is None):
            raise CostModelError(f"model {model} was not measured. Give one of {', '.join(NETWORKS)}, or --rate and "
                                 "--dimension of your own.")
        if rate is None and network is not None:
            if precision not in network.rates:
                raise CostModelError(f"precision {precision} is not known. Give one of {', '.join(network.rates)}.")
            rate = network.rates[precision].value
        assert rate is not None
        # Training takes time by the head's products, which grow with the square of the features' length.
        measured = network or NETWORKS["resnet50"]
        length = dimension or measured.dimension
        samples = measured.samples_per_second.value * (measured.dimension / length) ** 2
        return Plan(pictures, model, length, output_dimension, row_type, precision, rate, samples, machines, cores,
                    memory, open_files, price)
