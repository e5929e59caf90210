"""The report: every page module of a folder, rendered into one folder of files that needs no network.

A page module says `TITLE`, `FILE`, `ORDER` (place in the menu), `TEMPLATE`, `SCRIPTS` (in loading order) and
`view(report) -> dict`, the values its template shows; in `view` it may add data shards. One that says
`is_shown(report)` is left out, with its link, where that is false. Nothing imports the pages.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import jinja2
import polars as pl

from replenish.reporting import format as written
from replenish.reporting.shards import shard

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
_EXPORTS = re.compile(r"export\s*\{([^{}]*)\}\s*;?")


@dataclass(frozen=True)
class Report:
    """What a page may use: the mart tables, the company's name, and a place to put data shards."""

    folder: Path
    tables: Mapping[str, pl.DataFrame]
    company: str

    def table(self, name: str) -> pl.DataFrame:
        """`mart.<name>`. Raises KeyError with the table's name where the mart lacks it."""
        return self.tables[f"mart.{name}"]

    def add_shard(self, name: str, text: str) -> None:
        """Write a JSON text as `data/<name>.js`."""
        _write(self.folder / "data" / f"{name}.js", shard(name, text))


def write_report(folder: Path, tables: Mapping[str, pl.DataFrame], *, pages: Path, company: str = "") -> None:
    """Write the report into `folder`: pages, assets and data shards; the same tables give the same bytes.

    `tables` holds every `mart.*` table by its full name, `pages` is the folder of page modules, `company` the
    name shown on top.
    """
    for name in ("assets", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    report = Report(folder, tables, company)
    modules = [module for module in _page_modules(pages) if _is_shown(module, report)]
    menu = [(module.FILE, module.TITLE) for module in modules]
    environment = templates(pages / "templates")
    _copy_assets(pages, folder / "assets")
    words = {"action": written.ACTION_WORDS, "code": written.CODE_WORDS}
    report.add_shard("words", json.dumps(words, sort_keys=True))
    overview = report.table("overview").row(0, named=True)
    shared = {"policy": CONTENT_POLICY, "menu": menu, "company": company, "night": overview}
    for module in modules:
        values = {
            **shared,
            "title": module.TITLE,
            "file": module.FILE,
            "scripts": module.SCRIPTS,
            **module.view(report),
        }
        _write(folder / module.FILE, environment.get_template(module.TEMPLATE).render(values))


def _page_modules(pages: Path) -> list[ModuleType]:
    modules = [_load(file) for file in sorted(pages.glob("*.py"))]
    return sorted(modules, key=lambda module: (module.ORDER, module.FILE))


def _is_shown(module: ModuleType, report: Report) -> bool:
    asked = getattr(module, "is_shown", None)
    return asked is None or bool(asked(report))


def _load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"replenish_page_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"not a page module: {file}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def templates(folder: Path) -> jinja2.Environment:
    """The templates of a folder: every name is escaped, and a value that is missing is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    names: tuple[str, ...] = ("number", "quantity", "money", "percent", "day", "moment", "action_word", "code_word")
    environment.filters.update({name: getattr(written, name) for name in names})
    environment.globals["sql_behind"] = lambda table: ""
    return environment


def _copy_assets(pages: Path, assets: Path) -> None:
    for file in sorted([*(pages / "styles").glob("*.css"), *(pages / "scripts").glob("*.js")]):
        shutil.copyfile(file, assets / file.name)
    bundle = _installed("itables", "html/dt_bundle.js").read_text(encoding="utf-8")
    _write(assets / "datatables.js", classic_script(bundle, "DataTableBundle"))
    shutil.copyfile(_installed("itables", "html/dt_bundle.css"), assets / "datatables.css")
    shutil.copyfile(_installed("plotly", "package_data/plotly.min.js"), assets / "plotly.min.js")


def classic_script(module_text: str, name: str) -> str:
    """A JavaScript module as a plain script that keeps its exports under `window.<name>`.

    Browsers refuse to load modules from disk. Raises ValueError when the text does not hold exactly one export list.
    """
    parts = _EXPORTS.split(module_text)
    if len(parts) != 3:
        raise ValueError("expected a script with one export list: has the table library changed its form?")
    pairs = [re.split(r"\s+as\s+", pair.strip()) for pair in parts[1].split(",")]
    exports = ", ".join(f'"{pair[-1]}": {pair[0]}' for pair in pairs)
    return f'(() => {{"use strict";\n{parts[0]}\nwindow.{name} = {{ {exports} }};\n{parts[2]}\n}})();\n'


def _installed(package: str, file: str) -> Path:
    """A file of an installed package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    places = (spec.submodule_search_locations if spec else None) or []
    for place in places:
        if (Path(place) / file).is_file():
            return Path(place) / file
    raise FileNotFoundError(f"the installed package {package} carries no {file}; reinstall it")


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")
