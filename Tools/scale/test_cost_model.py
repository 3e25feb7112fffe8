"""The cost model's arithmetic, against numbers worked out by hand, and the page that shows it."""

import json
import subprocess
from pathlib import Path

import pytest

import cost_model
import measured_constants as measured
from cost_report import core_hours, duration, markdown, size
from scale_plan import CostModelError, Plan
from store_cost import StoreCost

PAGE = Path(__file__).resolve().parents[2] / "Sources" / "Pipeline" / "Pipeline.docc" / "CostModel.md"
ROOMY = 1 << 50
LARGEST_NUMBER = 4_294_967_295  # ContentTable numbers contents with 32 bits, from 1


def cost(pictures: int = 10**6, row_type: str = "f16", machines: int = 1, memory: int = ROOMY,
         open_files: int = 1 << 40, price: float | None = None) -> StoreCost:
    """A network of 1,000 values that computes 10 pictures a second on a core."""
    return StoreCost(Plan.of(pictures, "of my own", row_type, "f32", rate=10, dimension=1000, machines=machines,
                             cores=4, memory=memory, open_files=open_files, price=price))


def test_core_hours_follow_from_the_rate() -> None:
    found = cost(36_000_000, machines=5, price=0.04)
    assert found.core_hours() == pytest.approx(1000)
    assert found.extraction_hours() == pytest.approx(1000 / (5 * 4))
    assert found.price() == pytest.approx(40)
    assert cost().price() is None


@pytest.mark.parametrize("row_type, scale", [("f32", 0), ("f16", 0), ("bf16", 0), ("u8", 8)])
def test_bytes_of_a_picture(row_type: str, scale: int) -> None:
    values = 1000 * measured.PAYLOAD_BYTES[row_type].value
    expected = 32 + 0.5 + scale + measured.METADATA_BYTES.value + values
    assert cost(row_type=row_type).segment_bytes_per_picture() == pytest.approx(expected)
    assert cost(500, row_type).segment_bytes() == pytest.approx(500 * expected)
    assert cost(500, row_type).bytes_per_picture() == pytest.approx(expected + measured.INDEX_BYTES.value)


def test_a_merged_store_is_as_large_and_as_fast_as_another() -> None:
    one, merged = cost(10**6), cost(10**6, machines=2)
    assert one.segment_bytes_per_picture() == merged.segment_bytes_per_picture()
    assert one.index_bytes() == merged.index_bytes() == pytest.approx(10**6 * measured.INDEX_BYTES.value)
    assert one.open_seconds() == merged.open_seconds() == pytest.approx(measured.OPEN_SECONDS.value)
    assert one.open_memory() == merged.open_memory() == pytest.approx(10**6 * measured.OPEN_MEMORY.value)
    assert one.lookup_seconds() == merged.lookup_seconds() == pytest.approx(measured.LOOKUP.value)


def test_bytes_of_a_picture_are_those_of_the_measured_store() -> None:
    """Bytes a feature of 1,829 Caltech-101 pictures as `build` said them, from which the constants are."""
    for row_type, expected in [("f16", 1417), ("f32", 2576), ("bf16", 1154), ("u8", 752)]:
        found = StoreCost(Plan.of(1829, "efficientnet-lite0", row_type, "f32"))
        assert found.segment_bytes_per_picture() == pytest.approx(expected, abs=2)


def test_merging_is_linear_and_needs_several_machines() -> None:
    one, ten = cost(10**6, machines=2), cost(10**7, machines=2)
    assert one.merge_hours() == pytest.approx(measured.MERGE_SECONDS.value / 3600)
    assert ten.merge_hours() == pytest.approx(10 * one.merge_hours())
    assert ten.merge_memory() == pytest.approx(10**7 * measured.MERGE_MEMORY.value)
    assert cost(10**7).merge_hours() == 0 == cost(10**7).merge_memory()


def test_a_store_is_split_where_memory_ends() -> None:
    room = int(10**6 * measured.MERGE_MEMORY.value / 0.8) + 1
    found = cost(10 * 10**6, machines=2, memory=room)
    assert found.narrowest_limit().name == "memory to merge"
    assert found.narrowest_limit().pictures == pytest.approx(10**6, abs=1)
    assert (found.stores(), found.store_pictures()) == (10, 10**6)
    assert any(sentence.startswith("memory to merge") for sentence in found.warnings())
    # Nothing is merged on one machine.
    assert all(limit.name != "memory to merge" for limit in cost(10**7, memory=room).limits())


def test_a_store_is_split_where_numbers_end() -> None:
    found = cost(LARGEST_NUMBER + 1)
    assert found.narrowest_limit().name.startswith("numbers of contents")
    assert found.stores() == 2
    assert cost(LARGEST_NUMBER).stores() == 1
    assert not any(sentence.startswith("numbers") for sentence in cost(LARGEST_NUMBER).warnings())


def test_a_reader_opens_every_segment() -> None:
    found = cost(10**8, open_files=124)
    assert found.narrowest_limit().name == "open files (124)"
    assert cost(10**8).narrowest_limit().name != "open files (124)"
    assert found.narrowest_limit().pictures == int(100 * (256 << 20) / found.segment_bytes_per_picture())
    assert found.segments() <= 100


def test_searches_read_all_embeddings() -> None:
    found = cost(10**6)
    assert found.embedding_bytes() == 10**6 * 512 * 2
    assert found.query_seconds() == pytest.approx(
        10**6 * 1024 / measured.EXACT_SCAN.value + measured.LOOKUP.value)
    assert found.next_query_seconds() == pytest.approx(
        10**6 * 1024 / measured.EXACT_SCAN.value + measured.NEXT_LOOKUP.value)
    assert found.graph_memory() == pytest.approx(10**6 * (1024 + measured.GRAPH_BYTES.value))


def test_a_graph_takes_more_for_each_row_the_more_there_are() -> None:
    million, billion = cost(10**6).graph_core_hours(), cost(10**9).graph_core_hours()
    assert million == pytest.approx(measured.GRAPH_BUILD.value / 3600)
    assert billion == pytest.approx(1000 * million * 9 / 6)


def test_what_takes_long_is_warned_of() -> None:
    roomy = " ".join(cost(2 * 10**9).warnings())
    assert "a query by comparing all" in roomy and "an epoch over a store" in roomy
    assert "memory" not in roomy and "GiB" not in roomy
    # Memory for the listing of all, not for their vectors.
    narrow = " ".join(cost(10**9, memory=400 << 30).warnings())
    for part in ["embeddings take", "a graph takes", "a query over raw features"]:
        assert part in narrow, part
    assert "memory to add pictures" not in narrow
    assert "memory to add pictures" in " ".join(cost(10**9, memory=1 << 30).warnings())
    assert cost(10**5).warnings() == []


def test_training_slows_with_the_square_of_the_dimension() -> None:
    narrow = Plan.of(10, "resnet50", "f16", "f32")
    wide = Plan.of(10, "resnet50", "f16", "f32", dimension=4096)
    assert wide.samples_per_second == pytest.approx(narrow.samples_per_second / 4)


def test_the_command_of_the_page_runs() -> None:
    command = next(line for line in PAGE.read_text().splitlines() if line.startswith("Tools/scale/cost_model.py"))
    found = subprocess.run(command.split(), cwd=PAGE.parents[3], capture_output=True, text=True, check=True)
    assert "core-hours to compute features" in found.stdout and found.stderr == ""


@pytest.mark.parametrize("arguments, fact", [
    (["--model", "resnet9000"], "model resnet9000 was not measured"), (["--dtype", "f8"], "dtype f8 is not known"),
    (["--precision", "f8"], "precision f8 is not known")])
def test_a_bad_input_is_one_error(arguments: list[str], fact: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cost_model.main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"error: {fact}. Give one of ") and shown.err.count("\n") == 1


@pytest.mark.parametrize("pictures", ["0", "-5", "1.5", "nan", "inf", "many"])
def test_a_number_that_is_none_is_refused(pictures: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cost_model.main(["--pictures", pictures])
    assert ended.value.code == 2
    assert f"invalid count value: '{pictures}'" in capsys.readouterr().err


def test_json_has_plan_cost_and_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    assert cost_model.main(["--pictures", "1e9", "--machines", "100", "--price-per-core-hour", "0.04", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["plan"]["pictures"] == 10**9 and found["plan"]["machines"] == 100
    assert found["cost"]["price"] == pytest.approx(found["cost"]["core_hours"] * 0.04)
    assert found["cost"]["stores"] * found["cost"]["store_pictures"] >= 10**9
    assert found["warnings"] and all(sentence.endswith(".") for sentence in found["warnings"])


def test_text_names_every_figure_and_warning(capsys: pytest.CaptureFixture[str]) -> None:
    plan = ["--pictures", "1e9", "--dtype", "u8", "--machines", "100", "--price-per-core-hour", "0.04"]
    assert cost_model.main(plan) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("1,000,000,000 pictures, efficientnet-lite0 (1280 values) in f32, kept as u8; 100 ")
    assert "machines of 32 cores and 64 GiB" in shown and "price of computing features" in shown
    assert shown.count("warning: ") == len(StoreCost(Plan.of(
        10**9, "efficientnet-lite0", "u8", "f32", machines=100)).warnings())


def test_units() -> None:
    assert [size(number) for number in [12, 1200, 1.5e8, 2e9, 3.25e12, 4e15]] == [
        "12 B", "1.2 kB", "150 MB", "2.0 GB", "3.2 TB", "4.0 PB"]
    assert [duration(seconds / 3600) for seconds in [0.02, 8, 600, 7200 * 5, 86400 * 30]] == [
        "20 ms", "8.0 s", "10.0 min", "10.0 h", "30.0 days"]
    assert [core_hours(hours) for hours in [0.5, 12345]] == ["0.50", "12,345"]


def test_every_constant_says_where_it_was_measured() -> None:
    for constant in measured.all_constants():
        assert constant.value > 0 and constant.where and constant.command, constant.meaning


def test_the_page_shows_what_the_model_prints() -> None:
    assert PAGE.is_file(), f"there is no {PAGE}"
    assert f"\n{markdown()}\n" in PAGE.read_text(encoding="utf-8"), (
        "the tables of CostModel.md are not those of cost_model.py --markdown: put its output into the page")
