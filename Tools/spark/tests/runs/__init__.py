"""Tests that run Spark and finetuner-cache."""
