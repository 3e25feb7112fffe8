"""Tests of stage one on Spark."""
