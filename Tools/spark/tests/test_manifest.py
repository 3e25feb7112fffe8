"""Runs that have the same shards, and runs that have not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stage_one.build_options import BuildOptions
from stage_one.errors import InputError
from stage_one.manifest import BegunRun, Manifest, folder_state
from stage_one.output_folder import OutputFolder


def manifest(source: Path, *words: str) -> Manifest:
    return Manifest.of(source, 8, "shard", BuildOptions.parse(words, {}), None, "0.1.0")


def test_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path)
    assert BegunRun.read(folder) is None
    run = BegunRun(manifest(tmp_path, "--model", "resnet18"), {"input": "x"}, None)
    run.write(folder)
    assert BegunRun.read(folder) == run


def test_the_content_of_a_listing_counts(tmp_path: Path) -> None:
    listing = tmp_path / "list.csv"
    listing.write_text("a.jpg\n")
    before = manifest(listing)
    listing.write_text("b.jpg\n")
    assert before.differences(manifest(listing)) == ["the content of the listing"]
    assert before.fingerprint != manifest(listing).fingerprint


def test_the_content_of_named_files_counts(tmp_path: Path) -> None:
    preset = tmp_path / "p.json"
    preset.write_text("{}")
    before = manifest(tmp_path, "--preprocessing", str(preset))
    preset.write_text("{ }")
    assert before.differences(manifest(tmp_path, "--preprocessing", str(preset))) == [
        "the content of a file that an option names"
    ]


def test_what_does_not_fit_is_refused_in_words(tmp_path: Path) -> None:
    begun = manifest(tmp_path, "--model", "resnet18")
    other = replace(manifest(tmp_path, "--model", "resnet50"), partitions=9)
    with pytest.raises(InputError) as caught:
        begun.require_same(other, OutputFolder(tmp_path))
    assert "--partitions: 8, now 9" in str(caught.value)
    assert "the options after --: --model resnet18, now --model resnet50" in str(caught.value)
    assert "or name another --output" in str(caught.value)


def test_what_changes_nothing_may_change(tmp_path: Path) -> None:
    manifest(tmp_path).require_same(manifest(tmp_path, "--batch-size", "8"), OutputFolder(tmp_path))


def test_a_damaged_manifest_is_named(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json: is damaged"):
        BegunRun.read(OutputFolder(tmp_path))


def test_new_pictures_change_the_state_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    before = folder_state(tmp_path)
    assert folder_state(tmp_path) == before
    (tmp_path / "cat" / "1.jpg").touch()
    assert folder_state(tmp_path) != before
    assert folder_state(tmp_path / "cat" / "1.jpg") is None
