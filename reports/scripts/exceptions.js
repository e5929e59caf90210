// The page of exceptions: its columns and filters.
"use strict";

(async () => {
  const { element, number, quantity, day, nodeAddress } = replenish;
  const [columns, words] = await Promise.all([replenish.load("exceptions"), replenish.load("words")]);

  const item = (name, row) =>
    row.item_id === null || row.location_id === null
      ? element("span", name ?? "", { class: "name" })
      : element("a", name, { class: "name", href: nodeAddress(row.item_id, row.location_id) });

  const code = (word, row) => {
    const cell = element("span", words.code[word]);
    if (row.root_rank !== null) cell.append(element("small", `follows from rank ${number(row.root_rank)}`, { class: "note" }));
    return cell;
  };

  const rows = replenish.rows(columns);
  const told = (column) => (rows.some((row) => row[column.name] !== null) ? [column] : []);
  replenish.listing({
    data: rows,
    order: [[0, "asc", "rank"]],
    columns: [
      { name: "rank", title: "Rank", numeric: true, show: (value) => element("span", number(value)) },
      { name: "code", title: "What", style: "what", show: code, words: (word, row) => `${words.code[word]} ${word} ${row.cause_id ?? ""}` },
      { name: "item_name", title: "Item", style: "place", show: item, words: (name, row) => `${name} ${row.item_id}` },
      { name: "location_name", title: "Location", style: "place" },
      ...told({ name: "order_id", title: "Order", style: "place" }),
      { name: "value_at_stake", title: "At stake", numeric: true, show: (value) => element("span", number(value)) },
      { name: "qty", title: "Quantity", numeric: true, show: (value) => element("span", quantity(value)) },
      { name: "date", title: "From", style: "day", show: (value) => element("span", day(value)) },
      ...told({ name: "best_action", title: "Best action", style: "what", show: (word) => element("span", (word ?? "").replaceAll("_", " ")) }),
      { name: "explanation", title: "Why", style: "why" },
    ],
    filters: {
      code: { value: (row) => row.code, text: (row) => words.code[row.code] },
      chain: { value: (row) => row.root_rank === null, text: (row) => (row.root_rank === null ? "where chains begin" : "what follows from others") },
      location: { value: (row) => row.location_id ?? "", text: (row) => row.location_name ?? "no location" },
    },
  });
  replenish.ready();
})().catch(replenish.fail);
