#!/usr/bin/env python3
"""What a store of many pictures costs: core-hours, bytes, merging, and the memory to open, train on and search it.

Multiplies the number of pictures with constants that were measured (--constants lists them with the commands that
measure them again), warns where a limit of the format, of SQLite or of a machine's memory is passed, and says in how
many stores the pictures should lie then. What it says of more than 10,000,000 pictures is extrapolated."""

import argparse
import dataclasses
import json
import math
import sys

from cost_report import constants_table, markdown, text
from measured_constants import NETWORKS
from scale_plan import CostModelError, Plan
from store_cost import StoreCost


def amount(value: str) -> float:
    """A positive number, such as 1e9."""
    number = float(value)
    if not math.isfinite(number) or number <= 0:
        raise ValueError(value)
    return number


def count(value: str) -> int:
    """A positive whole number, such as 1e9."""
    number = amount(value)
    if number != int(number):
        raise ValueError(value)
    return int(number)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=count, default=10**9, help="how many pictures, such as 1e9 (default: 1e9)")
    parser.add_argument("--model", default="efficientnet-lite0", help=f"{' or '.join(NETWORKS)} (default: %(default)s)")
    parser.add_argument("--rate", type=amount,
                        help="pictures a second that one core computes, where you have measured it")
    parser.add_argument("--dimension", type=count, help="the length of a feature (default: the model's)")
    parser.add_argument("--output-dim", type=count, default=512,
                        help="the length of a head's embeddings (default: 512)")
    parser.add_argument("--dtype", default="f16", help="how features are kept: f32, f16, bf16 or u8 (default: f16)")
    parser.add_argument("--precision", default="f32", help="numbers of the network: f32, bf16 or int8 (default: f32)")
    parser.add_argument("--machines", type=count, default=1, help="machines that build a shard each (default: 1)")
    parser.add_argument("--cores", type=count, default=32, help="cores of a machine (default: 32)")
    parser.add_argument("--memory", type=amount, default=64, metavar="GIB", help="memory of a machine (default: 64)")
    parser.add_argument("--open-files", type=count, default=524288,
                        help="files that a process may have open, as `ulimit -Hn` says (default: 524288, systemd's)")
    parser.add_argument("--price-per-core-hour", type=amount, metavar="PRICE", help="what a core costs an hour")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--markdown", action="store_true", help="print the tables of the page CostModel.md")
    form.add_argument("--constants", action="store_true", help="list the measured constants")
    return parser.parse_args(arguments)


def plan(options: argparse.Namespace) -> Plan:
    """The plan that the options say. Raises CostModelError where they do not fit."""
    return Plan.of(
        options.pictures, options.model, options.dtype, options.precision, rate=options.rate,
        dimension=options.dimension, output_dimension=options.output_dim, machines=options.machines,
        cores=options.cores, memory=int(options.memory * 2**30), open_files=options.open_files,
        price=options.price_per_core_hour)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.markdown or options.constants:
        print(markdown() if options.markdown else constants_table())
        return 0
    try:
        cost = StoreCost(plan(options))
    except CostModelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.json:
        found = {"plan": dataclasses.asdict(cost.plan), "cost": cost.figures(), "warnings": cost.warnings()}
        print(json.dumps(found, indent=1))
    else:
        print(text(cost))
    return 0


if __name__ == "__main__":
    sys.exit(main())
