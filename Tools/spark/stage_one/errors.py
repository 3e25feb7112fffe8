"""What can be wrong with what was given, and with a build."""

from __future__ import annotations


class InputError(Exception):
    """Something that a file, an option or a machine caused: names the object, the fact and the remedy."""

    def __init__(self, subject: str, fact: str, remedy: str) -> None:
        super().__init__(f"{subject}: {fact}. {remedy}")


class BuildFailed(Exception):
    """A program that ended with an error; the text is its own."""


class BuildInterrupted(Exception):
    """A program that something else ended before it was done, such as a signal; another attempt may succeed."""
