#!/usr/bin/env python3
"""Stage one of finetuner-cache on Apache Spark; see --help and README.md."""

import sys

try:
    from stage_one.driver import main
except ModuleNotFoundError as error:
    remedies = {
        "pyspark": "Run this with spark-submit, or `pip install pyspark`.",
        "stage_one": "Send the package along: --py-files stage_one.zip, as README.md says.",
    }
    missing = str(error.name).partition(".")[0]
    if missing not in remedies:
        raise
    print(f"error: the Python package {missing}: is not here. {remedies[missing]}", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
