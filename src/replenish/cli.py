"""The command line, `replenish init | run | ...`: one function a command.

Heavy parts load inside commands.
"""

from __future__ import annotations

import io
import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from replenish import __version__
from replenish.commands.ack import ack
from replenish.commands.backtest import backtest
from replenish.commands.serve import serve
from replenish.commands.watch import watch
from replenish.commands.whatif import whatif
from replenish.terminal import progress, say, told

if TYPE_CHECKING:
    from replenish.night.run import Finished
    from replenish.trace import Stop

HERE = Path()
INPUT_TROUBLE, PROOF_TROUBLE = 2, 3

app = App(
    name="replenish",
    version=__version__,
    default_parameter=Parameter(negative=()),  # a switch is given or left out: no --no-json
    help_format="plaintext",  # the default would load a Markdown parser for a text without Markdown
    help=(
        "From sales and stock files to orders, every night.\n\n"
        "Start with: replenish init shop --example retail, then: replenish run shop"
    ),
)


@app.command
def init(folder: Path, /, *, example: Literal["retail", "factory"] | None = None) -> None:
    """Write a commented replenish.toml and input templates into FOLDER, or a complete example company.

    Parameters
    ----------
    folder
        Folder of the company; made if it is not there. Files that exist are never overwritten.
    example
        Generate a small company instead of templates: a retailer with shops and a warehouse, or a factory.
    """
    from replenish import examples

    with told():
        if example:
            examples.write_example(example, folder)
        else:
            examples.write_template(folder)
        say(f"{folder}: ready. Next: replenish run {folder}" if example else f"{folder}: fill inputs/, then run")


@app.command
def run(
    folder: Path = HERE,
    /,
    *,
    as_of: date | None = None,
    out: Path | None = None,
    replay: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Plan the night for the company in FOLDER and publish it: files in, proposals and report out.

    Exit codes: 0 published, 2 input or settings to mend, 3 the plan does not add up, 4 another run is working.

    Parameters
    ----------
    folder
        Folder with replenish.toml; the present one if left out.
    as_of
        Last closed day, as YYYY-MM-DD; the last day the data knows if left out.
    out
        Folder in which the run appears; the settings' runs folder if left out.
    replay
        Plan this published run again from its own folder and compare every file with it.
    as_json
        Print one JSON object on standard output instead of text.
    """
    with told():
        if replay:
            _replay(folder, out, replay, as_json=as_json)
            return
        from replenish.night.run import run_folder

        finished = run_folder(folder, as_of=as_of, out=out, progress=progress)
        say(json.dumps(_as_data(finished), indent=2)) if as_json else say(finished.summary())


@app.command
def ingest(folder: Path = HERE, /) -> None:
    """Load what is new or changed, as often as you like; say what was loaded, how far it reaches, and the position.

    Parameters
    ----------
    folder
        Folder with replenish.toml; the present one if left out.
    """
    from replenish.night.folder import Place
    from replenish.night.freshness import freshness
    from replenish.night.run import load_folder

    with told():
        for load in load_folder(folder, progress=progress):
            say("\n".join([load.text, *load.warnings]))
        place = Place.at(folder)
        with place.lock("ingest"):
            for line in freshness(place):
                say(line)


@app.command
def trace(item_id: str, location_id: str, /, *, folder: Path = HERE) -> None:
    """Show the rows of one item at one location at every station, from the input files to the proposal.

    Parameters
    ----------
    item_id
        Item, as in the input files.
    location_id
        Location, as in the input files.
    folder
        Folder with replenish.toml; the present one if left out.
    """
    from replenish.night.folder import Place
    from replenish.trace import trace as walk

    with told():
        _show(walk(Place.at(folder), item_id, location_id))


@app.command
def explain(proposal_id: str, /, *, folder: Path = HERE) -> None:
    """Show what lies behind one proposal: its sentence, its numbers, its value curve and the demand it serves.

    Parameters
    ----------
    proposal_id
        Id of the proposal, such as P-0123456789ab.
    folder
        Folder with replenish.toml; the present one if left out.
    """
    from replenish.night.folder import Place
    from replenish.trace import explain as look_behind

    with told():
        stops = look_behind(Place.at(folder), proposal_id)
        say(stops[0].rows["explanation"][0])
        _show(stops)


@app.command
def doctor(folder: Path = HERE, /) -> None:
    """Check settings, inputs, disk and versions for FOLDER, and say what to do; exit code 2 where mending is needed.

    Parameters
    ----------
    folder
        Folder with replenish.toml; the present one if left out.
    """
    from replenish.doctor import examine

    findings = examine(folder)
    for finding in findings:
        say(f"{finding.verdict:4}  {finding.subject:12}  {finding.text}")
    if any(finding.verdict == "fail" for finding in findings):
        raise SystemExit(INPUT_TROUBLE)


app.command(ack)
app.command(whatif)
app.command(backtest)
app.command(serve)
app.command(watch)


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names the terminal cannot show must not end a night
    app()


def _replay(folder: Path, out: Path | None, run_id: str, *, as_json: bool) -> None:
    from replenish.night.folder import Place
    from replenish.night.replay import replay

    different = replay(Place.at(folder, out), run_id)
    if as_json:
        say(json.dumps({"run_id": run_id, "is_same": not different, "different": different}, indent=2))
    elif different:
        say(f"{run_id}: {len(different)} files differ: {', '.join(different[:10])}")
    else:
        say(f"{run_id}: planned again, every file the same to the byte")
    if different:
        raise SystemExit(PROOF_TROUBLE)


def _as_data(finished: Finished) -> dict[str, Any]:
    return {
        "run_id": finished.run_id,
        "as_of": finished.as_of.isoformat(),
        "is_new": finished.is_new,
        "folder": str(finished.folder),
        "report": str(finished.report),
        "proposals": str(finished.proposals),
        "loads": [asdict(load) for load in finished.loads],
        "headline": finished.headline,
    }


def _show(stops: list[Stop]) -> None:
    from replenish.trace import as_text

    for stop in stops:
        say(as_text(stop))
