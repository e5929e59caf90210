"""The template folder says what the models say."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

import pytest

from replenish.examples import settings_text, write_template
from replenish.settings import Settings, Source, load
from replenish.tables.inputs import INPUT_TABLES, Sales


def _uncommented(text: str) -> str:
    return re.sub(r"^#(?=[a-z])", "", text, flags=re.MULTILINE)


def test_the_template_as_written_is_all_defaults(tmp_path: Path) -> None:
    write_template(tmp_path)
    assert load(tmp_path / "replenish.toml") == Settings()


def test_every_setting_stands_there_with_its_default() -> None:
    spoken = tomllib.loads(_uncommented(settings_text()))
    wanted = Settings().model_dump(mode="json", exclude={"source", "connection"})
    assert spoken == wanted


def test_every_setting_is_described() -> None:
    text = settings_text()
    for section in ("order", "compute", "calendar"):
        for field in Settings.model_fields[section].annotation.model_fields.values():
            assert f"# {field.description}" in text


def test_the_mapping_example_is_a_whole_mapping(tmp_path: Path) -> None:
    example = "\n".join(re.findall(r"^#    (.*)$", settings_text(), flags=re.MULTILINE))
    file = tmp_path / "replenish.toml"
    file.write_text(example, encoding="utf-8")
    sources = tomllib.loads(example)["source"]
    assert {key for one in sources.values() for key in one} == set(Source.model_fields)
    assert load(file).source["my_till"].table == "sales"
    assert load(file).connection["erp"].password_env == "ERP_PASSWORD"


def test_every_input_table_has_a_template_with_all_its_columns(tmp_path: Path) -> None:
    write_template(tmp_path)
    for table in INPUT_TABLES:
        name = table.full_name().removeprefix("raw.") + ".csv"
        (path,) = [
            folder / name for folder in (tmp_path / "inputs", tmp_path / "templates") if (folder / name).exists()
        ]
        (heading,) = csv.reader(path.read_text(encoding="utf-8").splitlines())
        assert sorted(heading) == sorted(table.columns())
        needed = [table.columns()[one].nullable for one in heading]
        assert needed == sorted(needed), "required columns come first"


def test_only_what_is_required_waits_in_inputs(tmp_path: Path) -> None:
    write_template(tmp_path)
    assert sorted(path.name for path in (tmp_path / "inputs").iterdir()) == ["sales.csv", "stock.csv"]


def test_the_dictionary_tells_meaning_and_unit(tmp_path: Path) -> None:
    write_template(tmp_path)
    with (tmp_path / "templates" / "columns.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(table.columns()) for table in INPUT_TABLES)
    qty = next(row for row in rows if (row["table"], row["column"]) == ("sales", "qty"))
    assert (qty["required"], qty["unit"], qty["meaning"]) == ("yes", "base unit", Sales.qty.metadata["meaning"])


@pytest.mark.parametrize("name", ["replenish.toml", "inputs/sales.csv", "templates/item.csv"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    mine = tmp_path / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match=name):
        write_template(tmp_path)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.touch()
    with pytest.raises(FileExistsError, match="name a folder"):
        write_template(file)
