"""Reads the features of a finetuner-cache store into NumPy and, where it is installed, PyTorch.

    from finetuner_cache import open_store

    store = open_store("features.fcstore")
    paths, labels, features = store.features()

A second reader, written from the article StoreFormat of the FeatureStorage library and not from its code.
"""

from typing import Any

from .errors import StoreError
from .head import Head, load_head
from .neighbors import nearest
from .records import Block, Chunk, Failure, Picture, Space
from .store import Store, open_store

# FeatureDataset and FeatureStream are not among them: a star import must not need torch.
__all__ = ["Block", "Chunk", "Failure", "Head", "Picture", "Space", "Store", "StoreError", "load_head", "nearest", "open_store"]


def __getattr__(name: str) -> Any:
    if name == "FeatureDataset":
        from .torch_dataset import FeatureDataset
        return FeatureDataset
    if name == "FeatureStream":
        from .torch_stream import FeatureStream
        return FeatureStream
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
