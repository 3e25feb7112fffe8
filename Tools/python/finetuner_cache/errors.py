"""The one exception that a store can cause."""


class StoreError(Exception):
    """What is wrong with a store, in a sentence that names the file and, where there is one, the chunk and place."""
