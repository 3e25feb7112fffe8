"""Options for the build: what clashes, what counts, what changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from stage_one.build_options import REFUSED, BuildOptions
from stage_one.errors import InputError


@pytest.mark.parametrize("word", [*REFUSED, "--store=x", "--shard=1/2"])
def test_what_clashes_is_refused_by_name(word: str) -> None:
    with pytest.raises(InputError, match=f"^{word.partition('=')[0]} after --: cannot be given"):
        BuildOptions.parse(["--model", "resnet18", word], {})


def test_command_line_then_environment_then_file(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('precision = "bf16"\n[build]\nprecision = "int8"\nmodel = "resnet18"\n')
    environment = {"FTC_CONFIG": str(config), "FTC_MODEL": "resnet34", "FTC_BUILD_MODEL": "resnet50", "PATH": "x"}
    options = BuildOptions.parse(["--pool", "gem"], environment)
    assert options.value("--precision") == "int8"
    assert options.value("--model") == "resnet50"
    assert BuildOptions.parse(["--model=resnet101"], environment).value("--model") == "resnet101"
    assert options.value("--cut") is None


def test_flags() -> None:
    assert BuildOptions.parse(["--pairs"], {}).has_flag("--pairs")
    assert BuildOptions.parse([], {"FTC_PAIRS": "on"}).has_flag("--pairs")
    assert not BuildOptions.parse([], {"FTC_PAIRS": "0"}).has_flag("--pairs")


def test_what_changes_nothing_in_the_store_is_not_compared() -> None:
    words = ["--batch-size", "8", "--dtype", "u8", "--allow-skips", "--batch-size=2", "--pool", "gem"]
    environment = {"FTC_BATCH_SIZE": "8", "FTC_THREADS": "3", "FTC_SEED": "1"}
    options = BuildOptions.parse(words, environment)
    assert options.identity == ["--dtype", "u8", "--pool", "gem"]
    assert options.identity_variables == {"FTC_SEED": "1"}


def test_files_become_absolute_and_presets_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert BuildOptions.parse(["--preprocessing", "p.json"], {}).words == ("--preprocessing", str(tmp_path / "p.json"))
    assert BuildOptions.parse(["--preprocessing=p.json"], {}).words == (f"--preprocessing={tmp_path}/p.json",)
    assert BuildOptions.parse(["--preprocessing", "torchvision-v1"], {}).words[1] == "torchvision-v1"
    assert list(BuildOptions.parse(["--preprocessing", "p.json"], {}).file_digests()) == [str(tmp_path / "p.json")]
