// The page of totals: its columns and the choice of a level.
"use strict";

(async () => {
  const { element, number, quantity } = replenish;
  const columns = await replenish.load("totals");

  const units = (value) => element("span", quantity(value));
  const all = (text) => (text === "all" ? "all together" : text);
  const name = (text) => element("span", all(text), { class: "name" });

  replenish.listing({
    data: replenish.rows(columns),
    order: [[7, "desc", "forecast_13_qty"]],
    columns: [
      { name: "category", title: "Category", style: "place", show: name },
      { name: "location_name", title: "Location", style: "place", show: name, words: (text, row) => `${text} ${row.location_id}` },
      { name: "node_count", title: "Items", numeric: true, show: (value) => element("span", number(value)) },
      { name: "sales_52_qty", title: "Sold in 52 weeks", numeric: true, show: units },
      { name: "sales_13_qty", title: "Sold in 13 weeks", numeric: true, show: units },
      { name: "demand_13_qty", title: "Wanted in 13 weeks", numeric: true, show: units },
      { name: "forecast_4_qty", title: "Next 4 weeks", numeric: true, show: units },
      { name: "forecast_13_qty", title: "Next 13 weeks", numeric: true, show: units },
      { name: "event_13_qty", title: "Of it from events", numeric: true, show: units },
      { name: "forecast_13_value", title: "Value of 13 weeks", numeric: true, show: (value) => element("span", number(value)) },
    ],
    filters: {
      category: { value: (row) => row.category, text: (row) => all(row.category) },
      location: { value: (row) => row.location_id, text: (row) => all(row.location_name) },
    },
  });
  replenish.ready();
})().catch(replenish.fail);
