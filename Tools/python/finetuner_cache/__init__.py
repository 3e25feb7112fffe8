"""Reads the features of a finetuner-cache store into NumPy and, where it is installed, PyTorch.

    from finetuner_cache import open_store

    store = open_store("features.fcstore")
    paths, labels, features = store.features()

A second reader, written from the article StoreFormat of the FeatureStorage library and not from its code.
"""

from .errors import StoreError
from .head import Head, load_head
from .neighbors import nearest
from .store import Chunk, Failure, Picture, Space, Store, open_store

# FeatureDataset is not among them: a star import must not need torch.
__all__ = ["Chunk", "Failure", "Head", "Picture", "Space", "Store", "StoreError", "load_head", "nearest", "open_store"]


def __getattr__(name):
    if name == "FeatureDataset":
        from .torch_dataset import FeatureDataset
        return FeatureDataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
