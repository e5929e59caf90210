// The page of proposals: its columns and filters.
"use strict";

(async () => {
  const { element, number, quantity, percent, day, nodeAddress } = replenish;
  const [columns, words] = await Promise.all([replenish.load("proposals"), replenish.load("words")]);

  const item = (name, row) => {
    const cell = element("span");
    cell.append(element("a", name, { class: "name", href: nodeAddress(row.item_id, row.location_id) }));
    if (row.item_id !== name) cell.append(element("small", row.item_id, { class: "name" }));
    return cell;
  };
  const action = (code, row) => {
    const cell = element("span", words.action[code]);
    if (row.hold) cell.append(" ", element("span", "hold", { class: "badge warn", title: row.hold_cause ?? "" }));
    return cell;
  };
  const amount = (qty, row) => {
    const cell = element("span", `${quantity(qty)} ${row.uom}`);
    if (replenish.isGiven(row.simple_qty)) cell.append(element("small", `simple rule ${quantity(row.simple_qty)}`, { class: "name" }));
    return cell;
  };
  const waste = (value, row) => element("span", value > 0 ? number(value) : row.expected_waste_qty > 0 ? "0" : "", {
    title: row.expected_waste_qty > 0 ? `about ${quantity(row.expected_waste_qty)} ${row.uom} will expire` : "",
  });
  const why = (text, row) => {
    const cell = element("span", text);
    if (row.hold && row.hold_cause) cell.append(element("small", `On hold: ${row.hold_cause}`, { class: "name" }));
    if (row.pegged_demand) cell.append(element("small", `Serves ${row.pegged_demand}`, { class: "name" }));
    if (row.waiting_orders) cell.append(element("small", `Waiting for it: ${row.waiting_orders}`, { class: "name" }));
    return cell;
  };
  const found = (text, row) => [text, row.hold_cause, row.pegged_demand, row.waiting_orders].filter(Boolean).join(" ");

  const moment = (text) => `${day(text.slice(0, 10)).slice(0, -5)} ${text.slice(11)}`;
  const inStock = (date, row) => {
    const cell = element("span", day(date));
    if (replenish.isGiven(row.start_at)) cell.append(element("small", `made ${moment(row.start_at)}`, { class: "moment" }), element("small", `to ${moment(row.finish_at)}`, { class: "moment" }));
    if (row.load_hours > 0) cell.append(element("small", `${number(row.load_hours, 1)} hours of work`, { class: "moment" }));
    return cell;
  };

  const rows = replenish.rows(columns);
  const wasted = rows.some((row) => row.expected_waste_qty > 0);
  replenish.listing({
    data: rows,
    order: [[0, "asc", "priority"]],
    columns: [
      { name: "priority", title: "Rank", numeric: true, show: (value) => element("span", number(value)) },
      { name: "action", title: "Do", style: "what", show: action, words: (code, row) => [words.action[code], row.proposal_id, row.existing_order_id].filter(Boolean).join(" ") },
      { name: "item_name", title: "Item", style: "place", show: item, words: (name, row) => `${name} ${row.item_id}` },
      { name: "location_name", title: "For", style: "place" },
      { name: "source_name", title: "From", style: "place" },
      { name: "qty", title: "Quantity", numeric: true, show: amount },
      { name: "value", title: "Value", numeric: true, show: (value) => element("span", number(value)) },
      { name: "receipt_date", title: "In stock", show: inStock },
      { name: "stockout_probability_without", title: "Risk", numeric: true, show: (value) => element("span", percent(value)) },
      { name: "expected_lost_sales_value_without", title: "Lost", numeric: true, show: (value) => element("span", number(value)) },
      ...(wasted ? [{ name: "expected_waste_value", title: "Waste", numeric: true, show: waste }] : []),
      { name: "explanation", title: "Why", style: "why", show: why, words: found },
    ],
    filters: {
      action: { value: (row) => row.action, text: (row) => words.action[row.action] },
      kind: { value: (row) => row.kind, text: (row) => row.kind },
      source: { value: (row) => row.source_id, text: (row) => row.source_name },
      hold: { value: (row) => row.hold, text: (row) => (row.hold ? "on hold" : "free") },
    },
  });
  replenish.ready();
})().catch(replenish.fail);
