"""From a company to its tables and from its tables to a folder: one seed in, the same bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from replenish.examples import factory_company, retail_company
from replenish.examples.company import Company
from replenish.examples.demand import true_demand
from replenish.examples.dirt import csv_bytes
from replenish.examples.documents import documents
from replenish.examples.factory_documents import ordered_ahead, weekly
from replenish.examples.factory_export import SETTINGS as FACTORY_SETTINGS
from replenish.examples.factory_export import factory_files
from replenish.examples.folder import write_files
from replenish.examples.network import network
from replenish.examples.production_log import production_log
from replenish.examples.retail_export import SETTINGS as RETAIL_SETTINGS
from replenish.examples.retail_export import retail_files
from replenish.examples.stock_walk import Walk
from replenish.examples.truth import truth

_README = """\
A generated company. inputs/ is what its computers export, dirt included; truth/ is what only the generator knows
(true demand, uplifts, lead-time laws, false records) and is never read by a run. Plan its night with

    replenish run .
"""


def retail(seed: int = 1) -> dict[str, pl.DataFrame]:
    """Clean tables of the retail company: input tables by name, and what really was under `truth.*`."""
    return _played(retail_company.company(), seed)


def factory(seed: int = 1) -> dict[str, pl.DataFrame]:
    """Clean tables of the production company, sales by week: input tables, and what really was under `truth.*`."""
    tables = weekly(_played(factory_company.company(), seed))
    return {**tables, "open_order": ordered_ahead(tables, np.random.Generator(np.random.PCG64([seed, 2])))}


def write_example(kind: Literal["retail", "factory"], folder: Path) -> None:
    """Write a complete company: inputs/ with the dirty rows a real export has, replenish.toml, and truth/ beside them.

    Raises `ValueError` for another kind and `FileExistsError`, writing nothing, when a file is already there.
    """
    if kind not in _KINDS:
        raise ValueError(f"there is no example called {kind!r}: choose retail or factory")
    generate, export, settings = _KINDS[kind]
    tables = generate()
    known = {name.removeprefix("truth."): frame for name, frame in tables.items() if name.startswith("truth.")}
    inputs = export({name: frame for name, frame in tables.items() if not name.startswith("truth.")})
    files = {"replenish.toml": settings.encode("utf-8"), "README.txt": _README.encode("utf-8")}
    files |= {f"inputs/{name}": content for name, content in inputs.items()}
    files |= {f"truth/true_{name}.csv": csv_bytes(frame) for name, frame in known.items()}
    write_files(folder, files)


def _played(company: Company, seed: int) -> dict[str, pl.DataFrame]:
    rng = np.random.Generator(np.random.PCG64(seed))
    demand = true_demand(company, rng)
    nodes = network(company, rng)
    ledger = Walk(company, nodes, demand.drawn, rng).run()
    tables = {**company.tables, **documents(company, nodes, ledger)}
    tables["production_log"] = production_log(tables, company.shopfloor, rng)
    return {**tables, **truth(company, nodes, demand, ledger)}


_Files = Callable[[Mapping[str, pl.DataFrame]], dict[str, bytes]]
_KINDS: dict[str, tuple[Callable[[], dict[str, pl.DataFrame]], _Files, str]] = {
    "retail": (retail, retail_files, RETAIL_SETTINGS),
    "factory": (factory, factory_files, FACTORY_SETTINGS),
}
