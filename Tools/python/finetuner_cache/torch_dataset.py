"""A store as a PyTorch dataset. Imported only where FeatureDataset is asked for."""

from typing import Tuple, Union

import torch
import torch.utils.data

from .classes import class_numbers
from .kinds import FilePath
from .records import SpaceChoice
from .store import Store, open_store

Item = Tuple[torch.Tensor, torch.Tensor]


class FeatureDataset(torch.utils.data.Dataset[Item]):
    """The listed pictures that have a feature in a space: items are (float32 tensor [dimension], class number).

    classes are the labels in ascending order, paths the pictures'; a picture without a label has class -1. All features
    are decoded once and kept in memory, which worker processes share.
    """

    def __init__(self, store: Union[FilePath, Store], space: SpaceChoice = None) -> None:
        store = store if isinstance(store, Store) else open_store(store)
        self.paths, labels, features = store.features(space)
        self.classes, numbers = class_numbers(labels)
        self.features = torch.from_numpy(features)
        self.targets = torch.from_numpy(numbers)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, position: int) -> Item:
        return self.features[position], self.targets[position]
