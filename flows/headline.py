"""The night's headline as an artifact, where the dashboard shows it."""

from __future__ import annotations

import logging

from prefect.artifacts import create_markdown_artifact

from replenish.night.headline import as_markdown
from replenish.night.run import Finished


def show(finished: Finished) -> None:
    """Put the headline beside the flow run. The night is out by now: a server that has died is a line in the log."""
    try:
        create_markdown_artifact(as_markdown(finished), key="night", description=f"as of {finished.as_of}")
    except Exception as error:
        logging.getLogger("replenish").warning("no artifact on the dashboard: %s", type(error).__name__)
