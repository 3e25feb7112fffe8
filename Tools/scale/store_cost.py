"""The arithmetic: figures that follow from a plan and the measured constants, and the limits that they pass."""

import math
from dataclasses import dataclass

from measured_constants import (ADD_MEMORY, EPOCH_VALUES, EXACT_SCAN, GRAPH_BUILD, GRAPH_BUILD_DIMENSION,
                                GRAPH_BUILD_ROWS, GRAPH_BYTES, INDEX_BYTES, LOOKUP, MERGE_MEMORY, MERGE_SECONDS,
                                METADATA_BYTES, NEXT_LOOKUP, OPEN_MEMORY, OPEN_SECONDS, PAYLOAD_BYTES,
                                RAW_QUERY_MEMORY)
from scale_plan import Plan

# What the format fixes (StoreFormat.md): a content's hash in the row table, a header for 256 rows, and of u8 a scale
# and an offset.
ROW_TABLE_BYTES, HEADER_BYTES, CHUNK_ROWS, SCALE_BYTES = 32, 128, 256, 8
SEGMENT_BYTES = 256 << 20
LARGEST_NUMBER = 2**32 - 1
# What `PRAGMA max_page_count` of SQLite 3.40 says, as it is compiled by default, and the index's page size.
LARGEST_PAGE_COUNT, PAGE_BYTES = 1_073_741_823, 1024
# A query that takes longer is no interactive one.
PATIENCE_SECONDS = 1.0
# The part of a machine's memory that one process should plan with.
USABLE_MEMORY = 0.8
# Files that a process has open besides segments.
OTHER_FILES = 24


@dataclass(frozen=True)
class Limit:
    """Something of which a single store has only so much."""

    name: str
    pictures: int
    remedy: str


@dataclass(frozen=True)
class StoreCost:
    """What a plan takes."""

    plan: Plan

    # MARK: extraction

    def core_hours(self) -> float:
        return self.plan.pictures / self.plan.pictures_per_core_second / 3600

    def extraction_hours(self) -> float:
        return self.core_hours() / (self.plan.machines * self.plan.cores)

    def price(self) -> float | None:
        price = self.plan.price_per_core_hour
        return None if price is None else self.core_hours() * price

    # MARK: the store

    def is_merged(self) -> bool:
        """Whether a store is merged from the shards of several machines."""
        return self.plan.machines > 1

    def segment_bytes_per_picture(self) -> float:
        scales = SCALE_BYTES if self.plan.row_type == "u8" else 0
        values = self.plan.dimension * PAYLOAD_BYTES[self.plan.row_type].value
        return ROW_TABLE_BYTES + HEADER_BYTES / CHUNK_ROWS + METADATA_BYTES.value + scales + values

    def bytes_per_picture(self) -> float:
        """With the index."""
        return self.segment_bytes_per_picture() + INDEX_BYTES.value

    def segment_bytes(self) -> float:
        return self.plan.pictures * self.segment_bytes_per_picture()

    def index_bytes(self) -> float:
        return self.plan.pictures * INDEX_BYTES.value

    def stores(self) -> int:
        """In how many stores the pictures should lie."""
        return math.ceil(self.plan.pictures / self.narrowest_limit().pictures)

    def store_pictures(self) -> int:
        """Pictures in each of these stores."""
        return math.ceil(self.plan.pictures / self.stores())

    def segments(self) -> int:
        """Segments of the largest store."""
        return math.ceil(self.store_pictures() * self.segment_bytes_per_picture() / SEGMENT_BYTES)

    # MARK: what is done with a store; of one of them where there are several

    def merge_hours(self) -> float:
        return self.store_pictures() * MERGE_SECONDS.value / 1e6 / 3600 if self.is_merged() else 0

    def merge_memory(self) -> float:
        return self.store_pictures() * MERGE_MEMORY.value if self.is_merged() else 0

    def open_seconds(self) -> float:
        return self.store_pictures() * OPEN_SECONDS.value / 1e6

    def open_memory(self) -> float:
        return self.store_pictures() * OPEN_MEMORY.value

    def add_memory(self) -> float:
        return self.store_pictures() * ADD_MEMORY.value

    def decode_hours(self) -> float:
        """Decoding all features once on one thread, as an epoch that does not fit into memory does."""
        return self.store_pictures() * self.plan.dimension / EPOCH_VALUES.value / 3600

    def epoch_hours(self) -> float:
        """One epoch over every picture of a store on two cores: training, while the next features are decoded."""
        return max(self.store_pictures() / self.plan.samples_per_second / 3600, self.decode_hours())

    def embedding_bytes(self) -> float:
        return self.store_pictures() * self.plan.output_dimension * 2.0

    def query_seconds(self) -> float:
        """A first query, which compares with every embedding and goes through the listing for what it found."""
        return self.embedding_bytes() / EXACT_SCAN.value + self.lookup_seconds()

    def lookup_seconds(self) -> float:
        return self.store_pictures() * LOOKUP.value / 1e6

    def next_query_seconds(self) -> float:
        """A query of a program that knows where in the listing each picture is."""
        return self.embedding_bytes() / EXACT_SCAN.value + NEXT_LOOKUP.value

    def raw_query_memory(self) -> float:
        """All features decoded, where neither a head nor `index build` has made vectors that are mapped."""
        return self.store_pictures() * self.plan.dimension * RAW_QUERY_MEMORY.value

    def graph_bytes(self) -> float:
        return self.store_pictures() * GRAPH_BYTES.value

    def graph_core_hours(self) -> float:
        """A row's way through the graph grows with the logarithm of the rows, and a comparison with the dimension."""
        rows, dimension = self.store_pictures(), self.plan.output_dimension
        growth = max(1.0, math.log(rows) / math.log(GRAPH_BUILD_ROWS)) * dimension / GRAPH_BUILD_DIMENSION
        return rows / 1e6 * GRAPH_BUILD.value * growth / 3600

    def graph_memory(self) -> float:
        return self.graph_bytes() + self.embedding_bytes()

    # MARK: limits

    def limits(self) -> list[Limit]:
        """What a store has only so much of, the narrowest first."""
        memory = self.plan.memory * USABLE_MEMORY
        files = max(1, self.plan.open_files - OTHER_FILES)
        found = [
            Limit("numbers of contents (32 bits)", LARGEST_NUMBER, "Keep the pictures in several stores."),
            Limit("pages of the index (SQLite's default)",
                  int(LARGEST_PAGE_COUNT * PAGE_BYTES / INDEX_BYTES.value),
                  "Keep the pictures in several stores."),
            Limit(f"open files ({self.plan.open_files:,})",
                  int(files * SEGMENT_BYTES / self.segment_bytes_per_picture()),
                  "Raise `ulimit -Hn`: a reader keeps every segment open."),
            Limit("memory to add pictures", int(memory / ADD_MEMORY.value),
                  "Take a machine with more memory, or several stores."),
        ]
        if self.is_merged():
            found.append(Limit("memory to merge", int(memory / MERGE_MEMORY.value),
                               "Take a machine with more memory, or merge into several stores."))
        return sorted(found, key=lambda limit: limit.pictures)

    def narrowest_limit(self) -> Limit:
        return self.limits()[0]

    def warnings(self) -> list[str]:
        """A sentence for each limit that is passed, and for what takes too long to be used as it is."""
        passed = [f"{limit.name}: enough for {limit.pictures:,} pictures in a store. {limit.remedy}"
                  for limit in self.limits() if limit.pictures < self.plan.pictures]
        usable = self.plan.memory * USABLE_MEMORY
        if self.query_seconds() > PATIENCE_SECONDS:
            passed.append(f"a query by comparing all takes {self.query_seconds():,.1f} s, of which looking up paths "
                          f"{self.lookup_seconds():,.1f} s; the next ones of the same program {self.next_query_seconds():,.1f} s. "
                          "Let `finetuner-cache serve` answer, or search in a database: SearchAtScale.md.")
        if self.embedding_bytes() > usable:
            passed.append(f"embeddings take {self.embedding_bytes() / 2**30:,.0f} GiB, more than the memory that "
                          "searches read them from. Search in a database: SearchAtScale.md.")
        if self.graph_memory() > usable:
            passed.append(f"a graph takes {self.graph_memory() / 2**30:,.0f} GiB with its embeddings. Search in a "
                          "database: SearchAtScale.md.")
        if self.raw_query_memory() > usable:
            passed.append(f"a query over raw features that are not kept takes {self.raw_query_memory() / 2**30:,.0f} "
                          "GiB. Search under a head, or keep them with `finetuner-cache index build --head none`.")
        if self.epoch_hours() > 24:
            passed.append(f"an epoch over a store takes {self.epoch_hours() / 24:,.1f} days on two cores. Train on a "
                          "sample: CostModel.md.")
        return passed

    def figures(self) -> dict[str, float | int | None]:
        """Everything by name; of stores, the figures of one."""
        names = ["core_hours", "extraction_hours", "price", "segment_bytes_per_picture", "bytes_per_picture",
                 "segment_bytes", "index_bytes", "stores", "store_pictures", "segments", "merge_hours", "merge_memory",
                 "open_seconds", "open_memory", "add_memory", "decode_hours", "epoch_hours", "embedding_bytes",
                 "query_seconds", "lookup_seconds", "next_query_seconds", "raw_query_memory", "graph_bytes", "graph_core_hours",
                 "graph_memory"]
        return {name: getattr(self, name)() for name in names}
