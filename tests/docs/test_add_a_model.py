"""docs/how_to/add_a_model.md, followed to the letter in a copy of the sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import replenish
from tests.docs.pages import blocks

TRY = """
import numpy as np
from replenish.settings import Settings
from replenish.steps.forecast.fitting import fit_series
Settings.model_validate({"forecast": {"members": ["holt"]}})
print(fit_series(np.arange(60.0), 3, ("holt",))["holt"].round().tolist())
"""


def test_three_lines_make_a_member(tmp_path: Path) -> None:
    names, weeks, maker = (one.text for one in blocks("how_to/add_a_model.md") if one.language == "python")
    package = tmp_path / "replenish"
    shutil.copytree(Path(replenish.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    _put(package / "member_names.py", "FITTED = (", names, replaces=True)
    fitting = package / "steps" / "forecast" / "fitting.py"
    _put(fitting, "FIT_WEEKS = {", weeks)
    _put(fitting, "makers: dict[str, Callable[[], Any]] = {", maker)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", TRY], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[60.0, 61.0, 62.0]"


def _put(file: Path, mark: str, text: str, *, replaces: bool = False) -> None:
    """Put text in place of the one line with this mark, or right behind the mark."""
    before = file.read_text()
    assert before.count(mark) == 1
    head, _, rest = before.partition(mark)
    line, _, tail = rest.partition("\n")
    file.write_text(head + text + tail if replaces else f"{head}{mark}\n{text}{line}\n{tail}")
