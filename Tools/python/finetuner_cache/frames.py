"""A listing as a table of pandas."""

from typing import TYPE_CHECKING, List

from .kinds import Mask
from .packages import needed
from .records import Picture

if TYPE_CHECKING:
    import pandas


def listing_frame(pictures: List[Picture], has_feature: Mask) -> "pandas.DataFrame":
    """One row a picture. Paths that are no UTF-8 stay as Python has them in file names."""
    pandas = needed("pandas", "pandas")
    columns = {
        "path": pandas.Series([p.path for p in pictures], dtype=object),
        "label": pandas.Series([p.label for p in pictures], dtype=object),
        "id": pandas.Series([p.content for p in pictures], dtype=object),
        "root": pandas.Series([p.root for p in pictures], dtype=object),
        "size": pandas.Series([p.size for p in pictures], dtype="int64"),
        "modified": pandas.to_datetime([p.modified for p in pictures], unit="ns", utc=True),
        "split": pandas.Series([p.split for p in pictures], dtype=object),
        "has_feature": has_feature,
    }
    return pandas.DataFrame(columns)
