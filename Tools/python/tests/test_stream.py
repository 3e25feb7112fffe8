"""FeatureStream: every picture once an epoch, and how well it shuffles."""

import numpy

import finetuner_cache
from finetuner_cache import StoreError, open_store

from . import gallery
from .needs import package, pytest
from .samples import content
from .store_writer import StoreWriter

CHUNKS, CHUNK_ROWS = 40, 16
ROWS = CHUNKS * CHUNK_ROWS


@pytest.fixture(scope="module", autouse=True)
def torch():
    return package("torch")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Forty chunks of sixteen pictures; a picture's feature and label are its number in storage order."""
    writer = StoreWriter(tmp_path_factory.mktemp("stream") / "store")
    segment = writer.segment(writer.space("net", "f32", 2))
    for start in range(0, ROWS, CHUNK_ROWS):
        part = range(start, start + CHUNK_ROWS)
        writer.chunk(segment, [content(number) for number in part], [[number, -number] for number in part], codec=0)
    for number in range(ROWS):
        writer.picture(f"/p/{number}.jpg", f"{number:03d}", content(number))
    return open_store(writer.finish().path)


def order(dataset, torch, workers=0, **options):
    """The numbers of the pictures in the order of one epoch, checked against their labels."""
    loader = torch.utils.data.DataLoader(dataset, batch_size=32, num_workers=workers, **options)
    return numpy.concatenate([numbers_of(dataset, *batch) for batch in loader])


def numbers_of(dataset, features, targets):
    numbers = features[:, 0].numpy().astype(int)
    assert [dataset.classes[target] for target in targets.tolist()] == [f"{number:03d}" for number in numbers]
    assert (features[:, 1].numpy() == -numbers).all()
    return numbers


@pytest.mark.parametrize("workers", [0, 1, 2])
@pytest.mark.parametrize("pool", [1, 100, 10_000])
def test_every_picture_once_an_epoch(store, torch, workers, pool):
    dataset = finetuner_cache.FeatureStream(store, pool=pool)
    orders = []
    for epoch in range(2):
        dataset.set_epoch(epoch)
        orders.append(order(dataset, torch, workers).tolist())
        assert sorted(orders[-1]) == list(range(ROWS))
        assert order(dataset, torch, workers).tolist() == orders[-1]
    assert orders[0] != orders[1] and len(dataset) == ROWS


def test_seeds(store, torch):
    orders = [order(finetuner_cache.FeatureStream(store, pool=64, seed=seed), torch, 2).tolist() for seed in [1, 1, 2]]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_that_live_on_see_the_epoch(store, torch, start):
    dataset = finetuner_cache.FeatureStream(store, pool=64)
    expected = []
    for epoch in range(3):
        dataset.set_epoch(epoch)
        expected.append(order(dataset, torch, 2).tolist())
    loader = torch.utils.data.DataLoader(dataset, batch_size=32, num_workers=2, persistent_workers=True, multiprocessing_context=start)
    for epoch in range(3):
        dataset.set_epoch(epoch)
        assert numpy.concatenate([numbers_of(dataset, *batch) for batch in loader]).tolist() == expected[epoch]


def test_same_items_as_the_dataset(full_store, torch):
    for space in full_store.spaces():
        dataset, stream = finetuner_cache.FeatureDataset(full_store, space), finetuner_cache.FeatureStream(full_store, space, pool=7)
        items = [sorted((feature.numpy().tobytes(), int(target)) for feature, target in source)
                 for source in [[dataset[place] for place in range(len(dataset))], stream]]
        assert items[0] == items[1] and dataset.classes == stream.classes and len(dataset) == len(stream)


def test_pictures_with_equal_contents_come_each(gallery_store, torch):
    assert sum(1 for _ in finetuner_cache.FeatureStream(gallery_store)) == gallery.ROWS + 1


def test_pool_of_none(store):
    with pytest.raises(StoreError, match="A pool of 0 pictures holds none"):
        finetuner_cache.FeatureStream(store, pool=0)


# What follows holds for a uniform permutation of n places: a picture's place has the mean (n - 1) / 2 and the variance
# (n² - 1) / 12, it moves (n² - 1) / 3n places on average, and the places before and after do not correlate.

EPOCHS = 400


@pytest.fixture(scope="module")
def places(store):
    """The place of each picture in each of many epochs, for a pool of a tenth of the store."""
    dataset = finetuner_cache.FeatureStream(store, pool=ROWS // 10, seed=5)
    found = numpy.empty((EPOCHS, ROWS))
    for epoch in range(EPOCHS):
        dataset.set_epoch(epoch)
        found[epoch, [int(feature[0]) for feature, _ in dataset]] = numpy.arange(ROWS)
    return found


def test_each_place_is_equally_likely(places):
    mean, variance = (ROWS - 1) / 2, (ROWS ** 2 - 1) / 12
    errors = (places.mean(axis=0) - mean) / numpy.sqrt(variance / EPOCHS)
    assert abs(errors).max() < 5 and 0.8 < (errors ** 2).mean() < 1.25
    # By tenths of an epoch: each chunk's first picture is in each one tenth of the time, by a chi-squared test at 1 in 10,000.
    counts = numpy.array([numpy.bincount((places[:, first] * 10 // ROWS).astype(int), minlength=10)
                          for first in range(0, ROWS, CHUNK_ROWS)])
    assert ((counts - EPOCHS / 10) ** 2 / (EPOCHS / 10)).sum(axis=1).max() < 40


def test_displacement_and_correlation(places):
    displacement = abs(places - numpy.arange(ROWS)).mean()
    assert abs(displacement / ((ROWS ** 2 - 1) / (3 * ROWS)) - 1) < 0.02
    correlations = numpy.array([numpy.corrcoef(epoch, numpy.arange(ROWS))[0, 1] for epoch in places])
    # Chunks move as a whole, so that the correlation of one epoch varies as that of so many chunks rather than of pictures.
    assert abs(correlations.mean()) < 4 / numpy.sqrt(CHUNKS * EPOCHS)
    assert correlations.std() < 1.1 / numpy.sqrt(CHUNKS - 1)


def test_pictures_of_a_chunk_are_spread_by_the_pool(store, places):
    """Two of a chunk are n / 3 apart in a uniform permutation; here about the pool's size, and without a pool within the chunk."""
    together = abs(places[:, 0::CHUNK_ROWS] - places[:, 1::CHUNK_ROWS]).mean()
    assert ROWS / 20 < together < ROWS / 5
    plain = [int(feature[0]) for feature, _ in finetuner_cache.FeatureStream(store, pool=1)]
    assert len({number // CHUNK_ROWS for number in plain[:CHUNK_ROWS]}) <= 2


def test_pool_of_all_is_a_uniform_permutation(store):
    """Also pairs: two pictures of a chunk are as far apart as any two."""
    dataset = finetuner_cache.FeatureStream(store, pool=ROWS, seed=6)
    apart = []
    for epoch in range(100):
        dataset.set_epoch(epoch)
        found = numpy.empty(ROWS)
        found[[int(feature[0]) for feature, _ in dataset]] = numpy.arange(ROWS)
        apart.append(abs(found[0::CHUNK_ROWS] - found[1::CHUNK_ROWS]).mean())
    assert abs(numpy.mean(apart) / ((ROWS + 1) / 3) - 1) < 0.05
