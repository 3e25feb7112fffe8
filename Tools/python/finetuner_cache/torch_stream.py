"""A store as a PyTorch dataset that is read chunk by chunk, in another order every epoch."""

from typing import Iterator, List, Tuple, Union

import numpy
import torch
import torch.utils.data

from .classes import class_numbers
from .errors import StoreError
from .kinds import FilePath, Floats, Numbers
from .records import Places, SpaceChoice
from .store import Store, open_store

Item = Tuple[torch.Tensor, torch.Tensor]


class FeatureStream(torch.utils.data.IterableDataset[Item]):
    """The items of FeatureDataset, (float32 tensor [dimension], class number), for stores that do not fit in memory.

    An epoch gives every listed picture that has a feature exactly once. The chunks come in random order, shared out over the
    workers of a DataLoader; each worker keeps `pool` pictures and gives a random one of them, whose place the next one takes.
    In statistics this equals a uniform permutation as far as single pictures go: where chunks are of equal size, every place in
    an epoch is equally likely for each. Not so for pairs: pictures of one chunk stay about `pool` places near each other. Where
    one worker's pool takes them all, every permutation is equally likely.

    The order follows from seed, epoch, pool and the number of workers. Call set_epoch before each epoch; workers that live on
    between epochs (persistent_workers) see it too. Raises StoreError for an empty pool, and as open_store does.
    """

    def __init__(self, store: Union[FilePath, Store], space: SpaceChoice = None, pool: int = 16_384, seed: int = 0) -> None:
        if pool < 1:
            raise StoreError(f"A pool of {pool} pictures holds none; give a number of at least 1")
        self.pool, self.seed = pool, seed
        self._store = store if isinstance(store, Store) else open_store(store)
        self._space = self._store.space(space)
        self._chunks = self._store.places_by_chunk(self._space)
        self.classes, self._numbers = self._classes()
        self._epoch: torch.Tensor = torch.zeros((), dtype=torch.int64)
        self._epoch.share_memory_()  # so that workers that live already see it

    def __len__(self) -> int:
        return sum(len(chunk.pictures) for chunk in self._chunks)

    def set_epoch(self, epoch: int) -> None:
        """Which epoch the next iteration is: from 0 on."""
        self._epoch.fill_(epoch)

    def __iter__(self) -> Iterator[Item]:
        worker = torch.utils.data.get_worker_info()
        number, count = (0, 1) if worker is None else (worker.id, worker.num_workers)
        key = [self.seed, int(self._epoch)]
        order = numpy.random.default_rng(key).permutation(len(self._chunks))
        chunks = [self._chunks[position] for position in order[number::count].tolist()]
        generator = numpy.random.default_rng([*key, 1 + number])
        for feature, target in _pooled(self._rows(chunks, generator), self.pool, generator):
            yield torch.from_numpy(feature), torch.tensor(target, dtype=torch.int64)

    def _classes(self) -> Tuple[List[str], Numbers]:
        """The classes of the pictures with features, and by each picture's position in the listing its class number."""
        has_feature = {position for chunk in self._chunks for position in chunk.pictures.tolist()}
        pictures = enumerate(self._store.pictures())
        return class_numbers([picture.label if position in has_feature else None for position, picture in pictures])

    def _rows(self, chunks: List[Places], generator: numpy.random.Generator) -> Iterator[Tuple[Floats, int]]:
        """The pictures of each chunk, those of a chunk in random order."""
        for chunk in chunks:
            shuffled = chunk.at(generator.permutation(len(chunk.pictures)))
            features = self._store.features_at(shuffled, self._space)
            yield from zip(features, self._numbers[shuffled.pictures].tolist())


def _pooled(rows: Iterator[Tuple[Floats, int]], size: int, generator: numpy.random.Generator) -> Iterator[Tuple[Floats, int]]:
    """The rows, each held back in a pool of size rows until it is drawn."""
    pool: List[Tuple[Floats, int]] = []
    for feature, number in rows:
        row = feature.copy(), number  # a view would keep its chunk in memory
        if len(pool) < size:
            pool.append(row)
        else:
            place = int(generator.integers(size))
            drawn, pool[place] = pool[place], row
            yield drawn
    for place in generator.permutation(len(pool)).tolist():
        yield pool[place]
