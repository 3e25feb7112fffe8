"""The listing as a DataFrame."""

import datetime
import sys

from finetuner_cache import StoreError

from .needs import package, pytest


def test_columns(full_store):
    package("pandas")
    frame, pictures = full_store.dataframe("net u8"), full_store.pictures()
    assert frame.columns.tolist() == ["path", "label", "id", "root", "size", "modified", "split", "has_feature"]
    for column, field in [("path", "path"), ("label", "label"), ("id", "content"), ("root", "root"), ("size", "size"), ("split", "split")]:
        assert frame[column].tolist() == [getattr(picture, field) for picture in pictures]
    assert [time.value for time in frame["modified"]] == [picture.modified for picture in pictures]
    assert frame["modified"][0].tzinfo == datetime.timezone.utc
    assert frame["path"][frame["has_feature"]].tolist() == full_store.features("net u8")[0]
    assert not frame["has_feature"].all() and frame["has_feature"].dtype == bool


def test_choice_of_space(full_store):
    package("pandas")
    with pytest.raises(StoreError, match="4 feature spaces fit"):
        full_store.dataframe()


def test_names_that_are_no_text(gallery_store, monkeypatch):
    package("pandas")
    listing = list(gallery_store._catalog.listing)
    monkeypatch.setattr(gallery_store._catalog, "listing", [listing[0]._replace(path="/p/\udcff.jpg"), *listing[1:]])
    assert gallery_store.dataframe()["path"][0] == "/p/\udcff.jpg"


def test_without_pandas(gallery_store, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(StoreError, match=r"pip install 'Tools/python\[pandas\]'"):
        gallery_store.dataframe()
