"""A cost for people: as text, and as the tables of the page CostModel.md."""

from collections.abc import Callable

from measured_constants import all_constants
from scale_plan import Plan
from store_cost import StoreCost

# The plans of the page: a machine for every 10,000,000 pictures or part of it.
PAGE_SIZES = [(10**6, 1), (10**7, 1), (10**8, 10), (10**9, 100)]
PAGE_PLANS = [("efficientnet-lite0", "u8", "int8"), ("resnet50", "f16", "bf16")]


def size(number: float) -> str:
    """Bytes with a unit of powers of 1000."""
    for unit in ["B", "kB", "MB", "GB", "TB"]:
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} PB"


def duration(hours: float) -> str:
    """Hours in the unit that people would take."""
    seconds = hours * 3600
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 90:
        return f"{seconds:.1f} s"
    if seconds < 5400:
        return f"{seconds / 60:.1f} min"
    return f"{hours:.1f} h" if hours < 72 else f"{hours / 24:,.1f} days"


def core_hours(hours: float) -> str:
    return f"{hours:,.2f}" if hours < 10 else f"{hours:,.0f}"


# What the lines are called, and how the figure is written.
LINES: list[tuple[str, Callable[[StoreCost], str]]] = [
    ("core-hours to compute features", lambda cost: core_hours(cost.core_hours())),
    ("hours on the machines", lambda cost: duration(cost.extraction_hours())),
    ("bytes of a picture, without and with the index",
     lambda cost: f"{cost.segment_bytes_per_picture():,.0f}, {cost.bytes_per_picture():,.0f}"),
    ("features", lambda cost: size(cost.segment_bytes())),
    ("index", lambda cost: size(cost.index_bytes())),
    ("stores, and pictures in each", lambda cost: f"{cost.stores()} of {cost.store_pictures():,}"),
    ("segments of a store", lambda cost: f"{cost.segments():,}"),
    ("merging a store: time, memory", lambda cost: "not needed" if not cost.is_merged() else
     f"{duration(cost.merge_hours())}, {size(cost.merge_memory())}"),
    ("opening a store to read: time, memory",
     lambda cost: f"{duration(cost.open_seconds() / 3600)}, {size(cost.open_memory())}"),
    ("opening a store to add pictures: memory", lambda cost: size(cost.add_memory())),
    ("decoding a store once, one thread", lambda cost: duration(cost.decode_hours())),
    ("an epoch over a store, two cores", lambda cost: duration(cost.epoch_hours())),
    ("embeddings of a store as float16", lambda cost: size(cost.embedding_bytes())),
    ("a first query by comparing all: time, of it to look up paths",
     lambda cost: f"{duration(cost.query_seconds() / 3600)}, {duration(cost.lookup_seconds() / 3600)}"),
    ("the next queries of the same program", lambda cost: duration(cost.next_query_seconds() / 3600)),
    ("a query over raw features that are not kept: memory", lambda cost: size(cost.raw_query_memory())),
    ("a graph: core-hours, bytes", lambda cost: f"{core_hours(cost.graph_core_hours())}, {size(cost.graph_bytes())}"),
]


def text(cost: StoreCost) -> str:
    """A line a figure, then the warnings."""
    plan = cost.plan
    lines = [f"{plan.pictures:,} pictures, {plan.model} ({plan.dimension} values) in {plan.precision}, kept as "
             f"{plan.row_type}; {plan.machines} machines of {plan.cores} cores and {plan.memory / 2**30:g} GiB", ""]
    width = max(len(name) for name, _ in LINES)
    lines += [f"{name:{width}}  {figure(cost)}" for name, figure in LINES]
    price = cost.price()
    if price is not None:
        lines.append(f"{'price of computing features':{width}}  {price:,.2f}")
    lines += ["", *(f"warning: {sentence}" for sentence in cost.warnings())]
    return "\n".join(lines).rstrip()


def row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def constants_table() -> str:
    """The measured constants in Markdown."""
    lines = [row(["constant", "value", "measured on", "command"]), row(["---"] * 4)]
    for constant in all_constants():
        value = f"{constant.value:,.4g} {constant.unit}"
        lines.append(row([constant.meaning, value, constant.where, f"`{constant.command}`"]))
    return "\n".join(lines)


def plans_table(model: str, row_type: str, precision: str) -> str:
    """A column for each size of the page."""
    costs = [StoreCost(Plan.of(pictures, model, row_type, precision, machines=machines))
             for pictures, machines in PAGE_SIZES]
    heads = [f"{pictures:,}" for pictures, _ in PAGE_SIZES]
    lines = [row([f"{model}, {precision}, kept as {row_type}", *heads]), row(["---"] * (len(heads) + 1)),
             row(["machines of 32 cores and 64 GiB", *(str(cost.plan.machines) for cost in costs)])]
    lines += [row([name, *(figure(cost) for cost in costs)]) for name, figure in LINES]
    return "\n".join(lines)


def limits_table() -> str:
    """How many pictures a store takes until each limit, for the plans of the page."""
    costs = [StoreCost(Plan.of(10**9, *page_plan, machines=100)) for page_plan in PAGE_PLANS]
    lines = [row(["limit of a store, in pictures", *(cost.plan.model for cost in costs), "what to do"]),
             row(["---"] * (len(costs) + 2))]
    for limit in costs[0].limits():
        others = [next(one.pictures for one in cost.limits() if one.name == limit.name) for cost in costs]
        lines.append(row([limit.name, *(f"{pictures:,}" for pictures in others), limit.remedy]))
    return "\n".join(lines)


def markdown() -> str:
    """The tables of the page."""
    return "\n\n".join([constants_table(), *(plans_table(*plan) for plan in PAGE_PLANS), limits_table()])
