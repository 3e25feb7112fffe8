"""Stage one of finetuner-cache on Apache Spark: one `finetuner-cache build` a partition, then one merge."""
