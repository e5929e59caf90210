"""The rules of the house that a reader may count on: sizes, names, who imports whom, what never stands in a file."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from replenish import pipeline, steps
from replenish.night.previous import BROUGHT
from replenish.tables import core, plan, proposal

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
SRC = ROOT / "src" / "replenish"
PYTHON = sorted(file for folder in ("src", "flows", "reports", "benchmarks") for file in (ROOT / folder).rglob("*.py"))
PIPELINE = sorted((SRC / "pipeline").glob("*.py"))
SQL = sorted((ROOT / "sql").rglob("*.sql"))
SELECTS = [file for file in SQL if file.parent.name != "macros"]
OURS = ("src", "sql", "reports", "flows", "tests", "benchmarks", "docs", "examples")
WRITTEN = (".py", ".sql", ".md", ".toml", ".yaml", ".yml", ".txt", ".j2", ".css", ".js", ".csv", ".json", "")

FILE_LINES, TABLE_FILE_LINES, FLOW_LINES = 300, 450, 60
FUNCTION_LINES, PIPELINE_FUNCTION_LINES = 40, 8
DRAWERS = ("util", "utils", "helper", "helpers", "common", "misc", "shared", "tools", "stuff")


def told(file: Path) -> str:
    """A file's name from the checkout on, for test ids and messages."""
    return file.relative_to(ROOT).as_posix()


def tree(file: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(file.read_text(encoding="utf-8"))


def functions(file: Path) -> Iterator[tuple[str, int]]:
    """Every function of a file with its number of lines: its head counts as one, its docstring not at all."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = 1 + ((body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0)
            yield f"{told(file)}:{node.lineno} {node.name}", lines


def imported(file: Path) -> set[str]:
    """Full names of the modules a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def foreign(names: set[str], *allowed: str) -> list[str]:
    """Names of ours that lie outside the allowed packages."""
    ours = {name for name in names if name.split(".")[0] == "replenish"}
    return sorted(name for name in ours if not f"{name}.".startswith(tuple(f"{one}." for one in allowed)))


# ---------------------------------------------------------------- sizes


def test_files_stay_small_enough_to_be_read_at_once() -> None:
    """No Python file outgrows its budget."""
    budgets = {"tables": TABLE_FILE_LINES, "flows": FLOW_LINES}
    lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in PYTHON}
    large = {told(file): count for file, count in lines.items() if count > budgets.get(file.parent.name, FILE_LINES)}
    assert not large


def test_functions_stay_small_enough_to_be_understood_at_once() -> None:
    """No function outgrows its budget; a function of the pipeline is a handful of lines."""
    large = {name: count for file in PYTHON for name, count in functions(file) if count > FUNCTION_LINES}
    stations = (one for file in PIPELINE for one in functions(file))
    large |= {name: count for name, count in stations if count > PIPELINE_FUNCTION_LINES}
    assert not large


# ---------------------------------------------------------------- names


def test_there_are_no_drawers() -> None:
    """A module is named for its idea."""
    assert not [told(file) for file in PYTHON if file.stem in DRAWERS or file.parent.name in DRAWERS]


def test_fixed_column_names_are_never_parameters() -> None:
    """item_id, location_id and bucket_start are literals: nobody may pass other names for them."""
    names = r"(item|location|node|date|bucket|time|target|id)_?col(umn)?(_name)?"
    found = {
        f"{told(file)} {argument.arg}"
        for file in PYTHON
        for node in ast.walk(tree(file))
        if isinstance(node, ast.arguments)
        for argument in [*node.posonlyargs, *node.args, *node.kwonlyargs]
        if re.fullmatch(names, argument.arg)
    }
    assert not found


def test_names_of_other_houses_stay_where_their_library_is() -> None:
    """`unique_id` and `ds` exist only where statsforecast is called."""
    words = re.compile(r"[\"'](unique_id|ds)[\"']")
    home = SRC / "steps" / "forecast"
    files = [file for file in SRC.rglob("*.py") if home not in file.parents]
    assert files
    assert not [told(file) for file in files if words.search(file.read_text("utf-8"))]


# ---------------------------------------------------------------- who imports whom

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


@pytest.fixture(scope="session")
def import_report() -> str:
    """What import-linter says of the contracts in pyproject.toml."""
    command = [BIN / "lint-imports", "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=_plain_environment())
    return done.stdout + done.stderr


def _plain_environment() -> dict[str, str]:
    return {"COLUMNS": "200", "NO_COLOR": "1", "PATH": str(BIN), "PYTHONIOENCODING": "utf-8"}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_import_contract(contract: dict[str, str], import_report: str) -> None:
    """Every contract of pyproject.toml is kept."""
    assert re.search(rf"^{re.escape(contract['name'])} .*KEPT", import_report, re.MULTILINE), import_report


def test_only_flows_import_prefect() -> None:
    """Prefect stays at the rim, so that everything else runs without it."""
    users = {told(file) for file in PYTHON if any(name.split(".")[0] == "prefect" for name in imported(file))}
    assert users
    assert {name.split("/")[0] for name in users} == {"flows"}


@pytest.mark.parametrize("file", sorted((ROOT / "flows").glob("*.py")), ids=told)
def test_flows_only_decorate_the_night(file: Path) -> None:
    """A flow knows the night and the pipeline, and does nothing with tables itself."""
    assert not foreign(imported(file), "replenish.night", "replenish.pipeline")
    assert not {name.split(".")[0] for name in imported(file)} & {"polars", "duckdb", "numpy"}


@pytest.mark.parametrize("file", sorted((ROOT / "reports").glob("*.py")), ids=told)
def test_pages_only_build_on_reporting(file: Path) -> None:
    """A page draws; it neither computes nor reads the warehouse."""
    assert not foreign(imported(file), "replenish.reporting")
    assert not {name.split(".")[0] for name in imported(file)} & {"numpy", "scipy", "duckdb", "numba"}


# ---------------------------------------------------------------- SQL


@pytest.mark.parametrize("file", SELECTS, ids=told)
def test_sql_file_is_one_select_with_a_heading(file: Path) -> None:
    """The path names the table, the heading tells its grain, and the file is one select."""
    text = file.read_text(encoding="utf-8")
    assert text.startswith("--"), "starts with a comment that states grain and meaning"
    assert re.fullmatch(r"[a-z][a-z0-9_]*", file.stem)
    kinds = [statement.type for statement in duckdb.extract_statements(text)]
    assert kinds == [duckdb.StatementType.SELECT]


def test_every_core_table_has_its_select_and_every_select_its_table() -> None:
    """sql/core and tables/core.py tell the same tables, but for what the night brings from the previous run."""
    brought = set(BROUGHT)
    classes = {table.full_name() for table in core.CORE_TABLES if table not in brought}
    assert {f"core.{file.stem}" for file in (ROOT / "sql" / "core").glob("*.sql")} == classes


def test_every_macro_file_makes_the_macro_of_its_name() -> None:
    """A macro is found by its name."""
    for file in sorted((ROOT / "sql" / "macros").glob("*.sql")):
        assert re.search(rf"create or replace macro {file.stem}\(", file.read_text("utf-8"), re.IGNORECASE), told(file)


# ---------------------------------------------------------------- the line


def _pipeline_nodes() -> Iterator[tuple[Path, ast.AST]]:
    """Everything that stands in the files of the pipeline but its own front page."""
    return ((file, node) for file in PIPELINE if file.stem != "__init__" for node in ast.walk(tree(file)))


def _written() -> set[str]:
    """Full names of the tables that the stations of the pipeline write."""
    names: set[str] = set()
    for file, node in _pipeline_nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("write"):
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                    module = importlib.import_module(f"replenish.pipeline.{file.stem}")
                    found = getattr(getattr(module, part.value.id), part.attr)
                    names |= {table.full_name() for table in (found if isinstance(found, tuple) else (found,))}
    return names


def test_every_plan_table_is_written_by_a_station() -> None:
    """No table of the plan is promised and never made."""
    assert _written() == {table.full_name() for table in (*plan.PLAN_TABLES, *proposal.PROPOSAL_TABLES)}


def _verbs() -> set[str]:
    """Steps that the pipeline takes."""
    return {
        node.attr
        for _, node in _pipeline_nodes()
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "steps"
    }


def test_every_step_shows_its_verb() -> None:
    """What the pipeline calls is what `replenish.steps` shows, and a step's file or folder bears its name."""
    assert set(steps.__all__) == _verbs()
    homes = {SRC / "steps" / f"{verb}.py" for verb in _verbs()} | {SRC / "steps" / verb for verb in _verbs()}
    within = {verb for name in ("forecast", "unconstrain") for verb in sys.modules[f"replenish.steps.{name}"].__all__}
    homeless = [verb for verb in _verbs() - within if not any(h.exists() and h.stem == verb for h in homes)]
    assert not homeless


def test_every_step_belongs_to_a_station_of_the_night() -> None:
    """Nothing in the pipeline is left out of the night."""
    public = {
        name
        for name, thing in vars(pipeline).items()
        if callable(thing) and getattr(thing, "__module__", "").startswith(pipeline.__name__) and name[0].islower()
    }
    assert public == {step.__name__ for station in pipeline.STATIONS.values() for step in station}


# ---------------------------------------------------------------- what never stands in a file


def test_nothing_that_decides_looks_at_the_clock() -> None:
    """The same inputs give the same bytes: no wall clock where results are made, no chance in SQL."""
    homes = ("steps", "numerics", "publish", "reporting", "tables", "ingest")
    clock = re.compile(r"datetime\.now|datetime\.utcnow|time\.time\(|date\.today|perf_counter")
    files = [file for home in homes for file in (SRC / home).rglob("*.py")] + [*(ROOT / "reports").rglob("*.py")]
    assert files
    assert not [told(file) for file in files if clock.search(file.read_text("utf-8"))]
    sql_clock = re.compile(r"\b(current_date|current_timestamp|now\(\)|today\(\)|random\(\)|uuid\(\))", re.IGNORECASE)
    assert SQL
    assert not [told(file) for file in SQL if sql_clock.search(file.read_text("utf-8"))]


def test_no_machine_is_named_in_any_file() -> None:
    """Nothing points at somebody's disk or at a package index."""
    machine = re.compile(r"/(home|Users|root|work|mnt|tmp)/\w|[A-Z]:\\+Users|index-url|artifactory|nexus")
    files = [file for folder in OURS for file in (ROOT / folder).rglob("*") if file.is_file()]
    files += [file for file in ROOT.iterdir() if file.is_file()]
    kept = [file for file in files if file.suffix in WRITTEN and "__pycache__" not in file.parts]
    assert len(kept) > len(PYTHON)
    found = [
        f"{told(file)}:{number}"
        for file in kept
        if file != Path(__file__)
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), start=1)
        if machine.search(line)
    ]
    assert not found
