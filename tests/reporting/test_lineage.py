"""Where figures come from: the text of the SQL is read as the database reads it."""

from __future__ import annotations

import duckdb
import pytest

from replenish import warehouse
from replenish.reporting.lineage import Origin, lineage, reads_of
from replenish.share import share_path


@pytest.fixture(scope="module")
def origins() -> dict[str, Origin]:
    return lineage(share_path("sql"))


@pytest.mark.parametrize("layer", ["staging", "core", "mart", "meta"])
def test_a_select_reads_what_the_database_says_it_reads(origins: dict[str, Origin], layer: str) -> None:
    with duckdb.connect(":memory:") as parser:
        for select in warehouse._selects(layer):
            read = warehouse._reads(parser, select) - {select.name}
            assert set(origins[select.name].reads) == read & origins.keys(), select.name


def test_no_mart_table_comes_from_nowhere(origins: dict[str, Origin]) -> None:
    marts = [origin for origin in origins.values() if origin.layer == "mart"]
    assert len(marts) > 30
    assert all(origin.text and origin.about and origin.reads for origin in marts)


def test_names_in_comments_and_texts_are_no_tables() -> None:
    text = "-- like core.item\nselect 'core.node' as told, demand.qty from plan.demand as demand"
    assert reads_of(text, ["core.item", "core.node", "plan.demand"]) == {"plan.demand"}


def test_the_files_people_open_stand_beside_the_table_that_shows_them() -> None:
    files = {"mart.proposal": ["mart/proposal.parquet"], "plan.proposal": ["plan/proposal.parquet", "proposals/p.csv"]}
    told = lineage(share_path("sql"), files)
    assert told["mart.proposal"].files == ("mart/proposal.parquet", "proposals/p.csv")
    assert told["mart.action"].files == (), "a table that is in no file has no link"
