"""Two years of a company day by day: receive, order by min and max, serve, write off. Stock-outs just happen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from replenish.examples.company import Company
from replenish.examples.days import DAY_COUNT, SUNDAY, WEEKDAYS, index_of
from replenish.examples.network import Network

_SHRINK_RATE = 0.0006  # a unit vanishes unseen, per node and day
_COUNT_EVERY_DAYS = 91
_REST_LATER_DAYS = 6  # the rest of a partial delivery


@dataclass
class Line:
    """An order line: nodes and days of the walk."""

    node: int
    qty: float
    day: int
    due: int
    receipts: list[tuple[int, float]] = field(default_factory=list)


@dataclass
class Ledger:
    """What the walk leaves behind: a row a day, a column a node; served by column of the demand arrays."""

    recorded: np.ndarray
    served: np.ndarray
    lines: list[Line]
    counts: list[tuple[int, int, float, float]]  # day, node, book, counted
    ages: np.ndarray  # node x remaining days at the close of the last day
    backorder: np.ndarray


class Walk:
    """State of all nodes on one morning."""

    def __init__(self, company: Company, network: Network, drawn: np.ndarray, rng: np.random.Generator) -> None:
        self.network, self.drawn, self.rng = network, drawn, rng
        count = network.nodes.height
        keys = list(network.nodes.select("item_id", "location_id").iter_rows())
        self.ghost = keys.index(company.mishaps.ghost)
        self.ghost_from = index_of(company.mishaps.ghost_from)
        self.negative = keys.index(company.mishaps.negative)
        self.on_hand = np.where(network.first_day == 0, np.floor(network.upto), 0.0)
        self.phantom, self.on_order, self.backorder = np.zeros(count), np.zeros(count), np.zeros(count)
        self.ages = np.zeros((count, max(1, int(network.shelf_life.max()))))
        fresh = np.flatnonzero(network.shelf_life)
        self.ages[fresh, network.shelf_life[fresh] - 1] = self.on_hand[fresh]
        self.due: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self.lines: list[Line] = []
        self.counts: list[tuple[int, int, float, float]] = []
        self.stages = [np.flatnonzero(network.stage == one) for one in range(int(network.stage.max()) + 1)]
        self.multiple = network.nodes["multiple_qty"].fill_null(1.0).to_numpy()
        self.least = network.nodes["min_qty"].fill_null(0.0).to_numpy()
        self.lead = network.nodes["lead_time_days"].cast(int).to_numpy()
        self.kind = network.nodes["kind"].to_list()
        self.buyers = _buyers(company, network)

    def run(self) -> Ledger:
        """Play all days."""
        recorded = np.zeros((DAY_COUNT, self.on_hand.size))
        served = np.zeros_like(self.drawn)
        for day in range(DAY_COUNT):
            self.receive(day)
            self.order(day)
            self.serve(day, served)
            self.close(day)
            recorded[day] = self.on_hand + self.phantom
        recorded[-1, self.negative] = -3.0  # sold from a delivery nobody has booked in
        return Ledger(recorded, served, self.lines, self.counts, self.ages, self.backorder)

    def receive(self, day: int) -> None:
        """Deliveries of the morning."""
        for place, qty in self.due.pop(day, ()):
            line = self.lines[place]
            self.on_hand[line.node] += qty
            self.on_order[line.node] -= qty
            line.receipts.append((day, qty))
            life = self.network.shelf_life[line.node]
            if life:
                self.ages[line.node, life - 1] += qty

    def order(self, day: int) -> None:
        """Orders of the morning, from the shops up to the suppliers."""
        position = self.on_hand + self.phantom + self.on_order - self.backorder
        active = (self.network.first_day <= day) & (day <= self.network.last_day)
        may = active & self.network.order_days[:, WEEKDAYS[day]]
        for stage in self.stages:
            for node in stage[may[stage] & (position[stage] <= self.network.reorder[stage])]:
                if self.kind[node] != "buy":
                    self.place(day, node, self.network.upto[node] - position[node])
            position[stage] = (self.on_hand + self.phantom + self.on_order - self.backorder)[stage]
        for nodes, cost, least_value in self.buyers:
            self.buy(day, nodes[may[nodes]], cost, least_value, position)

    def buy(self, day: int, nodes: np.ndarray, cost: np.ndarray, least_value: float, position: np.ndarray) -> None:
        """One supplier's order: when one item is low the near-low ones join; below the minimum value it waits."""
        reorder, upto = self.network.reorder[nodes], self.network.upto[nodes]
        if not (position[nodes] <= reorder).any():
            return
        joined = position[nodes] <= reorder + 0.4 * (upto - reorder)
        chosen, wanted = nodes[joined], (upto - position[nodes])[joined]
        if (wanted * cost[chosen]).sum() >= least_value:
            for node, qty in zip(chosen, wanted, strict=True):
                self.place(day, node, qty)

    def place(self, day: int, node: int, wanted: float) -> None:
        """Round to packs, take what the source has, and draw when it will arrive."""
        pack = self.multiple[node]
        qty = pack * np.ceil(max(wanted, self.least[node]) / pack)
        source = self.network.source[node]
        if source >= 0:
            qty = min(qty, pack * np.floor(self.on_hand[source] / pack))
            self.on_hand[source] -= max(qty, 0.0)
        elif node in self.network.bills:
            components, per = self.network.bills[node]
            qty = min(qty, pack * np.floor((self.on_hand[components] / per).min() / pack))
            self.on_hand[components] -= per * max(qty, 0.0)
        if qty > 0.0:
            self.on_order[node] += qty
            self.lines.append(Line(int(node), float(qty), day, day + int(self.lead[node])))
            self.promise(self.lines[-1], len(self.lines) - 1)

    def promise(self, line: Line, place: int) -> None:
        """Draw the day, or the two days, on which the line arrives."""
        law = self.network.lateness[line.node]
        late, size, partial = self.rng.random(), self.rng.poisson(law.mean_late_days - 1.0), self.rng.random()
        arrival = self.open_day(line.node, line.due + (1 + size if late < law.late_share else 0))
        now = np.floor(0.7 * line.qty) if partial < law.partial_share else line.qty
        if now > 0.0:
            self.due[arrival].append((place, float(now)))
        if now < line.qty:
            self.due[self.open_day(line.node, arrival + _REST_LATER_DAYS)].append((place, float(line.qty - now)))

    def open_day(self, node: int, day: int) -> int:
        """The day itself, or Monday where the shop is closed on Sunday."""
        return day + 1 if day % 7 == SUNDAY and self.network.closed_on_sunday[node] else day

    def serve(self, day: int, served: np.ndarray) -> None:
        """Customers take what is there; what is not there is lost or waits. The oldest goes first."""
        nodes = np.flatnonzero(self.network.demand_column >= 0)
        columns = self.network.demand_column[nodes]
        wanted = self.drawn[day, columns] + self.backorder[nodes]
        sold = np.minimum(wanted, np.maximum(self.on_hand[nodes], 0.0))
        self.on_hand[nodes] -= sold
        self.backorder[nodes] = np.where(self.network.keeps_backorders[nodes], wanted - sold, 0.0)
        served[day, columns] = sold
        taken = np.zeros(self.on_hand.size)
        taken[nodes] = sold
        before = np.cumsum(self.ages, axis=1) - self.ages
        self.ages -= np.clip(taken[:, None] - before, 0.0, self.ages)

    def close(self, day: int) -> None:
        """Write off what expires, lose a unit here and there, and count."""
        self.on_hand -= self.ages[:, 0]
        self.ages = np.concatenate([self.ages[:, 1:], np.zeros((self.ages.shape[0], 1))], axis=1)
        lost = (
            (self.rng.random(self.on_hand.size) < _SHRINK_RATE) & (self.on_hand >= 1.0) & (self.network.shelf_life == 0)
        )
        self.on_hand[lost] -= 1.0
        self.phantom[lost] += 1.0
        for node in np.flatnonzero(np.arange(self.on_hand.size) % _COUNT_EVERY_DAYS == day % _COUNT_EVERY_DAYS):
            if self.network.demand_column[node] >= 0 and not (node == self.ghost and day >= self.ghost_from):
                book = self.on_hand[node] + self.phantom[node]
                self.counts.append((day, int(node), float(book), float(self.on_hand[node])))
                self.phantom[node] = 0.0
        ghost = self.ghost
        if day >= self.ghost_from and self.on_order[ghost] == 0 and self.on_hand[ghost] > self.network.reorder[ghost]:
            self.phantom[ghost] += self.on_hand[ghost]  # the shelf is empty, the books are full: no order ever again
            self.on_hand[ghost] = 0.0


def _buyers(company: Company, network: Network) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Nodes bought from one supplier for one location, with unit costs of all nodes and the supplier's minimum."""
    least = dict(company.tables["supplier"].select("supplier_id", "min_order_value").iter_rows())
    cost = network.nodes["unit_cost"].fill_null(0.0).to_numpy()
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, row in enumerate(network.nodes.select("kind", "source_id", "location_id").iter_rows()):
        if row[0] == "buy":
            groups[row[1], row[2]].append(place)
    return [(np.array(nodes), cost, least[key[0]] or 0.0) for key, nodes in sorted(groups.items())]
