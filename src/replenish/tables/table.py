"""A table of the warehouse is a class; its full name comes from its room and its class name."""

from __future__ import annotations

import re

import dataframely as dy

_LAYER_OF_ROOM = {"inputs": "raw", "reject": "raw", "proposal": "plan"}


class Table(dy.Schema):
    """Base of every table: the class `core.DemandHistory` is the table `core.demand_history`."""

    @classmethod
    def full_name(cls) -> str:
        """Name as SQL writes it, for example `plan.proposal`."""
        room = cls.__module__.split(".")[2]  # replenish.tables.<room>
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        return f"{_LAYER_OF_ROOM.get(room, room)}.{name}"
