"""Stores for the tests."""

import hashlib

import numpy

from .payloads import CODECS, ROW_TYPES
from .store_writer import StoreWriter

ODD_PATHS = ["no slash.jpg", "/", "/p/ü\u0301 ñ.jpg", "/p/tab\there.jpg", "/p/new\nline.jpg", "/p//double.jpg",
             "/p/🦊/%20 ?#.jpg", "/p/a", "/p/a/b", "/p/a.b", "/p/quote'\".jpg", "/\uffff.jpg", "/\U00010000.jpg"]


def content(number):
    return hashlib.sha256(f"picture {number}".encode()).digest()


def features(count, dimension, seed, negative=True):
    """Rows as networks make them: near half zeros, some rows all zero, some negative."""
    generator = numpy.random.default_rng(seed)
    rows = generator.gamma(0.7, 1.3, (count, dimension)) * (generator.random((count, dimension)) < 0.55)
    if negative:
        rows[::3] *= generator.choice([-1, 1], (len(rows[::3]), dimension))
    rows[1::7] = 0
    return rows.astype(numpy.float32)


def full_store(path, dimension=13, run_limit=5):
    """Every row type with every codec, two segments a space, dead rows, split runs, loose contents, odd paths."""
    writer = StoreWriter(path, run_limit)
    spaces = {row_type: writer.space(f"net {row_type}", row_type, dimension) for row_type in ROW_TYPES}
    number = 0
    for seed, (row_type, space) in enumerate(spaces.items()):
        segment = writer.segment(space)
        for codec in CODECS:
            if codec == 3:
                writer.seal(segment)
                segment = writer.segment(space)
            contents = [content(number + i) for i in range(11)]
            if codec % 2 == 1:
                contents[4] = content(number - 9)  # of the chunk before: a dead row
            writer.chunk(segment, contents, features(11, dimension, 10 * seed + codec), codec)
            for i, one in enumerate(contents):
                writer.picture(f"/p/{row_type}/{codec}/{i % 4}/{i}.jpg", None if i == 3 else f"class {i % 4} é", one,
                               split=["train", None, "gallery,query"][i % 3])
            number += 11
        writer.chunk(segment, [], numpy.zeros((0, dimension)), 0)
        writer.failure(space, f"/p/{row_type}.txt", "is no picture")
    for i, path in enumerate(ODD_PATHS):
        writer.picture(path, "odd" if i % 2 else "", content(i))
    writer.picture("/p/loose.jpg", "loose", content(10_000))
    writer.number(content(10_001))
    return writer.finish()
