"""Heads: head.safetensors as a function on NumPy arrays, and as the same network in PyTorch."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np

from .errors import StoreError
from .kinds import FilePath, Floats, Values

if TYPE_CHECKING:
    import torch

_EPSILON, _SMALLEST_LENGTH = 1e-5, 1e-12


class _Layer(NamedTuple):
    """Linear, with what follows it: batch normalization or not, and ReLU where another layer follows."""

    weight: Floats
    bias: Optional[Floats]
    normalization: Optional[Dict[str, Floats]]
    number: int


def load_head(path: FilePath) -> "Head":
    """The head in `path`: a head.safetensors file, or a folder heads/NAME of a store."""
    path = Path(path)
    tensors, metadata = _contents(path / "head.safetensors" if path.is_dir() else path)
    return Head(tensors, str(path), metadata.get("finetuner-cache.space"))


class Head:
    """A projection head. Called with raw features, float32 [n, input_dimension], it gives embeddings [n, output_dimension], which are
    not of unit length; searches divide them by their lengths. `space` is the fingerprint of the space whose features it takes, None
    where its file does not say."""

    def __init__(self, tensors: Dict[str, Floats], name: str = "head", space: Optional[str] = None) -> None:
        self._tensors, self.space = tensors, space
        self.layers = _layers(tensors)
        self.mean = tensors.get("shortcut.mean")
        self.projection = tensors.get("shortcut.projection")
        self.residual_weight = float(tensors.get("shortcut.residual_weight", 0))
        passed = tensors.get("pass_through.dimension")
        if self.projection is not None:
            self.output_dimension, self.input_dimension = self.projection.shape
        elif self.layers:
            self.input_dimension, self.output_dimension = self.layers[0].weight.shape[1], self.layers[-1].weight.shape[0]
        elif passed is not None:
            self.input_dimension = self.output_dimension = int(passed)
        else:
            raise StoreError(f"{name}: holds no head")

    def __call__(self, features: Values) -> Floats:
        features = np.asarray(features, dtype=np.float32)
        if features.ndim != 2 or features.shape[1] != self.input_dimension:
            raise StoreError(f"features of shape {features.shape} for a head that takes [n, {self.input_dimension}]")
        if self.projection is None:
            return self._trained(features)
        unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), _SMALLEST_LENGTH) - self.mean
        projected: Floats = unit @ self.projection.T
        return np.add(projected, np.float32(self.residual_weight) * self._trained(unit)) if self.layers else projected

    def _trained(self, values: Floats) -> Floats:
        for layer in self.layers:
            values = values @ layer.weight.T
            if layer.bias is not None:
                values = values + layer.bias
            if layer.normalization is not None:
                known = layer.normalization
                deviation = np.sqrt(known["running_var"] + np.float32(_EPSILON))
                values = (values - known["running_mean"]) / deviation * known["weight"] + known["bias"]
            if layer is not self.layers[-1]:
                values = np.maximum(values, 0)
        return values

    def module(self) -> "torch.nn.Module":
        """The trained layers as a torch.nn.Sequential in evaluation mode, with the same numbers: for a head without a shortcut, all
        of it."""
        import torch

        modules = torch.nn.ModuleDict({"head_layers": torch.nn.Sequential(*self._modules(torch.nn))})
        state = {name: torch.from_numpy(np.array(value)) for name, value in self._tensors.items()
                 if name.startswith("head_layers.")}
        modules.load_state_dict(state)
        return modules["head_layers"].eval()

    def _modules(self, nn: Any) -> "Iterator[torch.nn.Module]":
        for layer in self.layers:
            outputs, inputs = layer.weight.shape
            yield nn.Linear(inputs, outputs, bias=layer.bias is not None)
            if layer.normalization is not None:
                yield nn.BatchNorm1d(outputs)
            if layer is not self.layers[-1]:
                yield nn.ReLU()


def _layers(tensors: Dict[str, Floats]) -> List[_Layer]:
    layers: List[_Layer] = []
    while True:
        number = 3 * len(layers)
        weight = tensors.get(f"head_layers.{number}.weight")
        if weight is None:
            return layers
        after = f"head_layers.{number + 1}."
        names = ["weight", "bias", "running_mean", "running_var"]
        known = {name: tensors[after + name] for name in names if after + name in tensors}
        layers.append(_Layer(weight, tensors.get(f"head_layers.{number}.bias"), known if len(known) == 4 else None, number))


def _contents(path: Path) -> Tuple[Dict[str, Floats], Dict[str, str]]:
    """The tensors of a safetensors file and its metadata."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        raise StoreError(f"{path}: is no safetensors file, or is cut off")
    try:
        header = json.loads(data[8:8 + length])
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[8 + length + begin:8 + length + end], dtype="<f4")
            tensors[name] = values.reshape(entry["shape"]).astype(np.float32)
        return tensors, dict(header.get("__metadata__", {}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{path}: is damaged: {error}") from None
