"""What README and docs/ name is there: pages linked to, commands with their flags, settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import CycloptsError, MissingArgumentError

from replenish.cli import app
from replenish.settings import load
from tests.docs.pages import DOCS, blocks, pages

ROOT = DOCS.parent
IN_THE_MAKING = DOCS / "how_to" / "add_a_model.md"  # its settings are understood once its model is there: see its test
PAGES = [ROOT / "README.md", *pages()]
_FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:^|[ /=`])(?<!import )(?<!-[a-z] )(?<!/srv/)replenish ([a-z][^#\n`>|&]*)", re.MULTILINE)


def _named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _anchors(page: Path) -> set[str]:
    """Places in a page that a link may lead to, as forges name them."""
    heads = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("doc", PAGES, ids=_named)
def test_every_link_leads_somewhere(doc: Path) -> None:
    for target in _LINK.findall(_FENCED.sub("", doc.read_text(encoding="utf-8"))):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        place, _, anchor = target.partition("#")
        file = (doc.parent / place).resolve() if place else doc
        assert file.is_relative_to(ROOT), f"{target} leads out of the project"
        assert file.exists(), target
        assert not anchor or anchor in _anchors(file), target


def _commands() -> Iterator[tuple[str, str]]:
    for page in [*PAGES, *sorted((DOCS / "deployment").glob("*.service"))]:
        for words in _COMMAND.findall(page.read_text(encoding="utf-8")):
            yield _named(page), words.strip()


@pytest.mark.parametrize(("doc", "words"), sorted(set(_commands())))
def test_every_command_is_one(doc: str, words: str) -> None:
    """A command named in a sentence may leave out what it works on, but has no flag that is none."""
    words = re.sub(r"\$\{\w+\}", "4200", words)  # of a service unit
    try:
        app.parse_args(shlex.split(words), exit_on_error=False, print_error=False)
    except MissingArgumentError:
        return
    except CycloptsError as error:
        pytest.fail(f"{doc}: replenish {words}: {error}")


@pytest.mark.parametrize("doc", [doc for doc in PAGES if doc != IN_THE_MAKING], ids=_named)
def test_every_block_of_settings_is_understood(doc: Path, tmp_path: Path) -> None:
    for block in blocks(str(doc)):
        if block.language == "toml":
            file = tmp_path / "replenish.toml"
            file.write_text(block.text, encoding="utf-8")
            load(file)
