// The page of inventory: its columns and filters.
"use strict";

(async () => {
  const { element, number, quantity, nodeAddress } = replenish;
  const [columns, words, causes] = await Promise.all(["inventory", "words", "causes"].map((name) => replenish.load(name)));

  const item = (name, row) => {
    const cell = element("span");
    cell.append(element("a", name, { class: "name", href: nodeAddress(row.item_id, row.location_id) }));
    if (row.item_id !== name) cell.append(element("small", row.item_id, { class: "name" }));
    return cell;
  };
  const location = (name, row) => {
    const cell = element("span", name, { class: "name" });
    cell.append(element("small", row.category, { class: "name" }));
    return cell;
  };
  const plain = (value) => element("span", number(value));
  const tenth = (value) => element("span", number(value, 1));
  const units = (value) => element("span", quantity(value));
  const letters = (row) => (row.abc_class === "-" ? "–" : `${row.abc_class}${row.xyz_class}`);
  const why = (cause) => (cause === null ? "" : causes[cause]);
  const surplus = (code, row) => {
    const cell = element("span", code === null ? "" : words.code[code]);
    if (code !== null) cell.append(element("small", why(row.surplus_cause)));
    return cell;
  };

  const tooMuch = (value, row) => {
    const cell = element("span", replenish.isGiven(value) ? number(value) : "");
    if (replenish.isGiven(row.surplus_qty)) cell.append(element("small", `${quantity(row.surplus_qty)} units`));
    return cell;
  };

  replenish.listing({
    data: replenish.rows(columns),
    order: [[4, "desc", "on_hand_value"]],
    columns: [
      { name: "item_name", title: "Item", style: "place", show: item, words: (name, row) => `${name} ${row.item_id}` },
      { name: "location_name", title: "Location", style: "place", show: location, words: (name, row) => `${name} ${row.category}` },
      { name: "abc_class", title: "Class", show: (_, row) => element("span", letters(row)), words: (_, row) => letters(row) },
      { name: "on_hand_qty", title: "On hand", numeric: true, show: units },
      { name: "on_hand_value", title: "Stock", numeric: true, show: plain },
      { name: "cover_days", title: "Cover", numeric: true, show: plain },
      { name: "turns_rate", title: "Turns", numeric: true, show: tenth },
      { name: "stock_days", title: "Days of stock", numeric: true, show: plain },
      { name: "carrying_year_cost", title: "Carrying cost", numeric: true, show: plain },
      { name: "demand_year_value", title: "Demand a year", numeric: true, show: plain },
      { name: "surplus_value", title: "Too much", numeric: true, show: tooMuch },
      { name: "surplus_code", title: "Why", style: "what", show: surplus, words: (code, row) => (code === null ? "" : `${words.code[code]} ${why(row.surplus_cause)}`) },
    ],
    filters: {
      abc: { value: (row) => row.abc_class, text: (row) => (row.abc_class === "-" ? "without demand of its own" : row.abc_class) },
      xyz: { value: (row) => row.xyz_class, text: (row) => (row.xyz_class === "-" ? "without demand of its own" : row.xyz_class) },
      category: { value: (row) => row.category, text: (row) => row.category },
      location: { value: (row) => row.location_id, text: (row) => row.location_name },
      surplus: { value: (row) => row.surplus_code ?? "none", text: (row) => (row.surplus_code === null ? "no" : words.code[row.surplus_code]) },
      cause: { value: (row) => row.surplus_cause ?? "none", text: (row) => (row.surplus_cause === null ? "nothing is too much" : why(row.surplus_cause)) },
    },
  });
  const show = () => { if (window.location.hash.includes("=")) document.getElementById("rows").scrollIntoView(); };
  window.addEventListener("hashchange", show);
  show();
  replenish.ready();
})().catch(replenish.fail);
