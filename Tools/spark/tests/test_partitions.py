"""Partitions agree with `build --shard`."""

from __future__ import annotations

from stage_one.partitions import partition_name, partition_of


def test_partition_follows_from_the_first_eight_bytes_of_the_hash() -> None:
    # SHA-256 of "/data/a.jpg" begins with c82383262a76ab32.
    assert partition_of("a.jpg", "/data", 8) == 1 + 0x32AB762A268323C8 % 8
    assert partition_of("a.jpg", "/data", 1000) == 1 + 0x32AB762A268323C8 % 1000


def test_all_names_of_one_file_are_in_one_partition() -> None:
    names = ["cat/1.jpg", "./cat/1.jpg", "dog/../cat/1.jpg", "/data/cat/1.jpg", "cat//1.jpg"]
    assert len({partition_of(name, "/data", 10_000) for name in names}) == 1


def test_partitions_are_about_as_large() -> None:
    counts = [0] * 8
    for number in range(8000):
        counts[partition_of(f"{number}.jpg", "/data", 8) - 1] += 1
    assert min(counts) > 850 and max(counts) < 1150


def test_names_sort_as_their_numbers_do() -> None:
    names = [partition_name(number, 10_000) for number in (1, 9, 10, 99, 100, 9999, 10_000)]
    assert names == sorted(names)
