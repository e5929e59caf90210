// The numbers of one node in words: tiles, and the list behind "why this quantity".
"use strict";

replenish.itemFacts = (() => {
  const { number, quantity, percent, day, isGiven, element } = replenish;

  const units = (node, value) => (isGiven(value) ? `${quantity(value)} ${node.uom}` : "–");

  const tiles = (node) => [
    ["In stock", units(node, node.on_hand_qty), node.cover_days === null ? "" : `lasts about ${number(node.cover_days)} days`],
    ["On order", units(node, node.on_order_qty), node.backorder_qty ? `${units(node, node.backorder_qty)} owed to customers` : ""],
    ["Expected a week", units(node, node.demand_week_qty), `${units(node, node.sales_28_qty)} sold in 28 days`],
    ["Order tonight", units(node, node.order_qty), isGiven(node.receipt_date) && node.order_qty ? `in stock ${day(node.receipt_date)}` : ""],
  ];

  const facts = (node) => [
    ["Need", [
      ["Expected until the order after this one is in", units(node, node.window_1_qty)],
      ["The same in nine of ten cases", units(node, node.need_90_qty)],
      ["Stock when it arrives, expected", units(node, node.stock_at_arrival_qty)],
      ["The same in nine of ten cases at least", units(node, node.stock_at_arrival_q10_qty)],
      ["Lost in the last 28 days, estimated", units(node, node.lost_28_qty)],
      ["Margin lost in the last 28 days", number(node.lost_28_value, 2)],
      ["Margin lost in the last year", number(node.lost_364_value, 2)],
    ]],
    ["Risk", [
      ["Running out before it can arrive", percent(node.stockout_probability_before_arrival)],
      ["Running out after that, without the order", percent(node.stockout_probability_without)],
      ["The same with it", percent(node.stockout_probability_with)],
      ["Units lost without it", units(node, node.expected_lost_without_qty)],
      ["Margin lost without it", number(node.expected_lost_sales_value_without, 2)],
      ["Units that expire because of it", units(node, node.expected_waste_qty)],
      ["What they cost", number(node.expected_waste_value, 2)],
    ]],
    ["Policy", [
      ["Ordering rule", node.method],
      ["Safety stock", units(node, node.safety_stock_qty)],
      ["Safety stock in production", isGiven(node.is_decoupling_point) ? `${node.is_decoupling_point ? "held here" : "held elsewhere"}; delivers within ${number(node.service_time_days)} days` : "–"],
      ["Reorder point", units(node, node.reorder_point_qty)],
      ["Order up to", units(node, node.order_up_to_qty)],
      ["Economic order quantity", units(node, node.economic_order_qty)],
      ["Locations it supplies wait", isGiven(node.upstream_delay_days) ? `${number(node.upstream_delay_days, 1)} days (METRIC)` : "–"],
      ["Service target", percent(node.service_target)],
      ["What set the quantity", [node.reason_code, node.binding_limit].filter(isGiven).join("; ").replaceAll("_", " ") || "–"],
    ]],
    ["Supply", [
      ["Source", isGiven(node.source_id) ? `${node.supply_kind} from ${node.source_id}` : "none"],
      ["Lead time", isGiven(node.lead_time_days) ? `${number(node.lead_time_days, 1)} ± ${number(node.lead_time_sd_days, 1)} days (${node.lead_time_source})` : "–"],
      ["Order chance every", isGiven(node.review_days) ? `${number(node.review_days)} days` : "–"],
      ["Pack", units(node, node.multiple_qty)],
      ["Least order", units(node, node.min_order_qty)],
      ["Cost and price", `${number(node.unit_cost, 2)} and ${number(node.unit_price, 2)}`],
    ]],
    ["Demand and record", [
      ["Kind of demand", [node.demand_class, node.abc_class, node.xyz_class].filter(isGiven).join(", ").replaceAll("_", " ") || "–"],
      ["Forecast made by", isGiven(node.forecast_reason) ? `${node.forecast_method}: ${node.forecast_reason}` : node.forecast_method ?? "–"],
      ["Blended from", node.forecast_members],
      ["Books say", units(node, node.recorded_on_hand_qty)],
      ["Plan starts from", units(node, node.on_hand_qty)],
      ["Expires first", isGiven(node.first_expiry_date) ? `${units(node, node.first_expiry_qty)} on ${day(node.first_expiry_date)}` : "–"],
      ["Chance that the shelf is empty", percent(node.ghost_probability)],
      ["Unmet demand is", node.shortage_rule === "backorder" ? "served later" : "lost"],
    ]],
  ];

  const pairs = (title, entries) => {
    const group = element("div");
    const inner = element("dl");
    for (const [name, value] of entries) {
      const pair = element("div");
      pair.append(element("dt", name), element("dd", String(value ?? "–").replaceAll("_", " "), { class: "name" }));
      inner.append(pair);
    }
    group.append(element("h3", title), inner);
    return group;
  };

  const showTiles = (node) => tiles(node).map(([name, value, note]) => {
    const tile = element("div", "", { class: "tile" });
    const text = element("dd");
    text.append(element("strong", value), element("span", note));
    tile.append(element("dt", name), text);
    return tile;
  });

  const showFacts = (node) => facts(node).map(([title, entries]) => pairs(title, entries));

  return { showTiles, showFacts };
})();
