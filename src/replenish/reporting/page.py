"""The report: every page module of a folder, rendered into one folder of files that needs no network.

A page module says `TITLE`, `FILE`, `ORDER` (place in the menu), `TEMPLATE`, `SCRIPTS` (in loading order) and
`view(report) -> dict`, the values its template shows; in `view` it may add data shards. One that says
`is_shown(report)` is left out, with its link, where that is false; one that says `IS_LISTED = False` has no place in
the menu. Nothing imports the pages. Templates show the way back of a figure by `sql_behind("mart.<table>")`.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from types import ModuleType

import jinja2
import polars as pl
from markupsafe import Markup

from replenish.reporting import format as written
from replenish.reporting.lineage import Origin, lineage
from replenish.reporting.shards import shard
from replenish.share import share_path

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Report:
    """What a page may use: the mart tables, the company's name, the way every table came, a place for data shards."""

    folder: Path
    tables: Mapping[str, pl.DataFrame]
    company: str
    origins: Mapping[str, Origin]

    def table(self, name: str) -> pl.DataFrame:
        """`mart.<name>`. Raises KeyError with the table's name where the mart lacks it."""
        return self.tables[f"mart.{name}"]

    def add_shard(self, name: str, text: str) -> None:
        """Write a JSON text as `data/<name>.js`."""
        _write(self.folder / "data" / f"{name}.js", shard(name, text))


@dataclass(frozen=True)
class MenuEntry:
    """A page in the menu: its file, its title, and the letter that follows `g` on the keyboard."""

    file: str
    title: str
    key: str


def write_report(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    *,
    pages: Path,
    company: str = "",
    files: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write the report into `folder`: pages, assets and data shards; the same tables give the same bytes.

    `tables` holds every `mart.*` table by its full name, `pages` is the folder of page modules, `company` the
    name shown on top; `files` tells which files beside the report carry a table (see `lineage`).
    """
    for name in ("assets", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    report = Report(folder, tables, company, lineage(share_path("sql"), files))
    modules = [module for module in _page_modules(pages) if _is_shown(module, report)]
    menu = _menu([module for module in modules if getattr(module, "IS_LISTED", True)])
    environment = templates(pages / "templates")
    environment.globals["sql_behind"] = _sql_behind(environment, report.origins)
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


def _menu(modules: Sequence[ModuleType]) -> list[MenuEntry]:
    """Pages in order, each with the first letter of its title that no page before it has taken."""
    taken: list[MenuEntry] = []
    for module in modules:
        letters = f"{module.TITLE.lower()}{ascii_lowercase}"
        used = {entry.key for entry in taken}
        key = next(letter for letter in letters if letter in ascii_lowercase and letter not in used)
        taken.append(MenuEntry(module.FILE, module.TITLE, key))
    return taken


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
    return environment


def _sql_behind(environment: jinja2.Environment, origins: Mapping[str, Origin]) -> Callable[..., Markup]:
    template = environment.get_template("sql_behind.html.j2")

    def sql_behind(*tables: str) -> Markup:
        """What opens beside a figure: its tables' meaning, SQL and rows. KeyError for a table that there is not."""
        return Markup(template.render(origins=[origins[name] for name in tables]))  # its names are escaped there

    return sql_behind


def _copy_assets(pages: Path, assets: Path) -> None:
    for file in sorted([*(pages / "styles").glob("*.css"), *(pages / "scripts").glob("*.js")]):
        shutil.copyfile(file, assets / file.name)
    shutil.copyfile(_installed("plotly", "package_data/plotly.min.js"), assets / "plotly.min.js")


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
