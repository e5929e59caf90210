// The page of changes: its columns and filters.
"use strict";

(async () => {
  const { element, number, quantity, nodeAddress } = replenish;
  const [columns, titles] = await Promise.all([replenish.load("changes"), replenish.load("change_causes")]);
  const rows = replenish.rows(columns);
  if (document.getElementById("listing") === null) return replenish.ready(); // nothing to compare with

  const plain = (cause) => titles[cause];
  const signed = (text, value) => (value > 0 ? `+${text}` : text);
  const item = (name, row) => {
    const cell = element("span");
    cell.append(element("a", name, { class: "name", href: nodeAddress(row.item_id, row.location_id) }));
    if (row.item_id !== name) cell.append(element("small", row.item_id, { class: "name" }));
    return cell;
  };
  const change = (qty, row) => {
    const cell = element("span", `${signed(quantity(qty), qty)} ${row.uom}`);
    cell.append(element("small", `${quantity(row.previous_qty)} → ${quantity(row.qty)}`, { class: "name" }));
    return cell;
  };
  const why = (text, row) => {
    const cell = element("span", text);
    const link = element("a", row.proposal_id, { class: "name", href: `changes.html#${new URLSearchParams({ search: row.proposal_id })}` });
    const small = element("small", row.is_proposed ? "line " : "line of last night ", { class: "name" });
    small.append(link);
    cell.append(small);
    return cell;
  };

  replenish.listing({
    data: rows,
    order: [[0, "asc", "position"]],
    columns: [
      { name: "position", title: "Rank", numeric: true, show: (value) => element("span", number(value + 1)) },
      { name: "movement", title: "Order", show: (word) => element("span", word) },
      { name: "item_name", title: "Item", style: "place", show: item, words: (name, row) => `${name} ${row.item_id}` },
      { name: "location_name", title: "For", style: "place" },
      { name: "source_name", title: "From", style: "place" },
      { name: "change_qty", title: "Change", numeric: true, show: change },
      { name: "change_value", title: "Money", numeric: true, show: (value) => element("span", signed(number(value), value)) },
      { name: "cause", title: "Largest cause", style: "what", show: (word) => element("span", plain(word)), words: plain },
      { name: "explanation", title: "Why", style: "why", show: why, words: (text, row) => `${text} ${row.proposal_id}` },
    ],
    filters: {
      movement: { value: (row) => row.movement, text: (row) => row.movement },
      cause: { value: (row) => row.cause, text: (row) => plain(row.cause) },
      location: { value: (row) => row.location_id, text: (row) => row.location_name },
    },
  });
  replenish.ready();
})().catch(replenish.fail);
