"""A store as a PyTorch dataset. Imported only where FeatureDataset is asked for."""

import torch
import torch.utils.data

from .store import Store, open_store


class FeatureDataset(torch.utils.data.Dataset):
    """The listed pictures that have a feature in a space: items are (float32 tensor [dimension], class number).

    classes are the labels in ascending order, paths the pictures'; a picture without a label has class -1. All features
    are decoded once and kept in memory, which worker processes share.
    """

    def __init__(self, store, space=None):
        store = store if isinstance(store, Store) else open_store(store)
        self.paths, labels, features = store.features(space)
        self.classes = sorted({label for label in labels if label is not None})
        numbers = {label: number for number, label in enumerate(self.classes)}
        self.features = torch.from_numpy(features)
        self.targets = torch.tensor([numbers.get(label, -1) for label in labels], dtype=torch.int64)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, position):
        return self.features[position], self.targets[position]
