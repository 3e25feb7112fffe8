"""What was measured and the cost model multiplies with, each with the place and the command that measures it again."""

from dataclasses import dataclass

ZEN4 = "Zen 4 server"
ZEN5 = "Zen 5 server"
XEON = "virtual Xeon with AVX-512 and AMX"
STAGE_ONE = "Tools/benchmarks/stage-one FOLDER"
BUILD = "finetuner-cache build caltech101-dev --precision"
STORED = "finetuner-cache build caltech101-dev --dtype"
SIMULATION = "Tools/benchmarks/scale --rows 1000000,10000000 --shards 4"
SEARCH = "Tools/benchmarks/search"


@dataclass(frozen=True)
class Constant:
    """A measured number."""

    meaning: str
    value: float
    unit: str
    where: str
    command: str


@dataclass(frozen=True)
class Network:
    """A network: its speed by the precision it computes in, and that of training the usual head on its features."""

    dimension: int
    rates: dict[str, Constant]
    samples_per_second: Constant


def speed(network: str, precision: str, pictures: float, where: str, command: str) -> Constant:
    """Pictures that a core takes through decoding and the network in a second."""
    return Constant(f"{network} in {precision}, with decoding", pictures, "pictures/s a core", where, command)


NETWORKS = {
    "efficientnet-lite0": Network(1280, {
        "f32": speed("EfficientNet-Lite0", "f32", 120, XEON, f"{BUILD} f32"),
        "bf16": speed("EfficientNet-Lite0", "bf16", 76.5, XEON, f"{BUILD} bf16"),
        "int8": speed("EfficientNet-Lite0", "int8", 127, XEON, f"{BUILD} int8"),
    }, Constant("training a head 1280 -> 512, triplet loss, batches of 128", 3900, "samples/s on two cores", XEON,
                "finetuner-cache train-head --output-dim 512")),
    "resnet50": Network(2048, {
        "f32": speed("ResNet-50", "f32", 30.5 / 2, ZEN4, STAGE_ONE),
        "bf16": speed("ResNet-50", "bf16", 50.5 / 2, ZEN4, STAGE_ONE),
        "int8": speed("ResNet-50", "int8", 92.4 / 2, ZEN4, STAGE_ONE),
    }, Constant("training a head 2048 -> 512, SupCon loss, batches of 128", 3414, "samples/s on two cores", ZEN4,
                "Tools/benchmarks/train-head")),
}

# Of 1,829 features of EfficientNet-Lite0. A scale and an offset of u8 are counted for themselves.
PAYLOAD_BYTES = {
    row_type: Constant(f"a value kept as {row_type}", value, "bytes", XEON, f"{STORED} {row_type}")
    for row_type, value in [("f32", 1.965), ("f16", 1.060), ("bf16", 0.854), ("u8", 0.534)]}
METADATA_BYTES = Constant("path, label, size and time of a picture in a segment", 28.2, "bytes", XEON, f"{STORED} f16")
INDEX_BYTES = Constant("a picture in the index", 57.6, "bytes", ZEN5, SIMULATION)

MERGE_SECONDS = Constant("merging: processor time", 82, "s for 1,000,000 pictures", ZEN5, SIMULATION)
MERGE_MEMORY = Constant("merging: memory", 1108, "bytes a picture", ZEN5, SIMULATION)
OPEN_SECONDS = Constant("opening a store to read", 0.0079, "s for 1,000,000 pictures", ZEN5, SIMULATION)
OPEN_MEMORY = Constant("opening a store to read: memory", 1.2, "bytes a picture", ZEN5, SIMULATION)
ADD_MEMORY = Constant("opening a store to add pictures: memory", 107, "bytes a picture", ZEN5, SIMULATION)
EPOCH_VALUES = Constant("decoding features in the order of storage, as f16", 1.05e9, "values/s on one thread", ZEN5,
                        SIMULATION)
RAW_QUERY_MEMORY = Constant("a query over raw features that are not kept: memory", 4.6, "bytes a value", ZEN5,
                            SIMULATION)

# 1,024,000,000 bytes in 24.9 ms.
EXACT_SCAN = Constant("comparing a query with every embedding, float16", 4.11e10, "bytes/s on two cores", ZEN4, SEARCH)
LOOKUP = Constant("looking up the paths of what a first query found", 0.13, "s for 1,000,000 pictures", ZEN5, SIMULATION)
# Of ten pictures, with the search by a graph.
NEXT_LOOKUP = Constant("– of what the next queries found", 0.002, "s", ZEN5, SIMULATION)
GRAPH_BYTES = Constant("the graph of 16 links, without its vectors", 137, "bytes a picture", ZEN4, SEARCH)
GRAPH_BUILD = Constant("making a graph over 1,000,000 vectors of 512 values", 824, "core-seconds", ZEN4, SEARCH)
GRAPH_BUILD_ROWS, GRAPH_BUILD_DIMENSION = 10**6, 512


def all_constants() -> list[Constant]:
    """In the order in which they are used."""
    networks = [constant for network in NETWORKS.values()
                for constant in [*network.rates.values(), network.samples_per_second]]
    return [*networks, *PAYLOAD_BYTES.values(), METADATA_BYTES, INDEX_BYTES, MERGE_SECONDS, MERGE_MEMORY, OPEN_SECONDS,
            OPEN_MEMORY, ADD_MEMORY, EPOCH_VALUES, EXACT_SCAN, LOOKUP, NEXT_LOOKUP, RAW_QUERY_MEMORY, GRAPH_BYTES,
            GRAPH_BUILD]
