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

  const LOT_RULES = {
    eoq: "order cost against holding",
    epq: "built up while it is used",
    eoqb: "with planned backorders",
    all_units: "at a price break for all units",
    incremental: "at a price break for further units",
    review: "one review of demand",
    no_capacity: "demand is as fast as production",
  };

  // What put the source in use before the next one, where there is a choice.
  const whyThisSource = (node) => {
    if (!isGiven(node.other_source_id)) return "–";
    if (node.source_reason === "quota") return `${node.other_source_id}: furthest behind its quota of ${percent(node.quota_share)}`;
    if (node.source_reason === "priority") return `${node.other_source_id}: by priority`;
    return isGiven(node.landed_cost)
      ? `${node.other_source_id}: ${number(node.landed_cost, 2)} a unit all told, against ${number(node.other_landed_cost, 2)}`
      : `${node.other_source_id}: cheaper all told`;
  };

  // A centre may plan to hold less than its mean need: what the locations it supplies hold covers the wait.
  const safetyStock = (node) => {
    const told = units(node, node.safety_stock_qty);
    return node.safety_stock_qty < 0 ? `${told}: order up to less than the mean need${isGiven(node.upstream_delay_days) ? "; the locations it supplies hold stock for the wait" : ""}` : told;
  };

  // What a centre's stock does for the locations it supplies, by METRIC; a level of 1.5 is half more than the mean need.
  const supplies = (node) => [
    ["Locations it supplies wait for it, on average", node.upstream_delay_days, (days) => `${number(days, 1)} days`],
    ["They serve, of their demand", node.supplied_fill_rate, (share) => `${number(100 * share, 1)} %`],
    ["Order up to here, times the mean need", node.cover_rate, (rate) => number(rate, 2)],
    ["The same at these locations together", node.supplied_cover_rate, (rate) => number(rate, 2)],
  ].filter(([, value]) => isGiven(value)).map(([name, value, show]) => [name, show(value)]);

  const facts = (node) => [
    ["Need", [
      ["Expected from its arrival to the next order's", units(node, node.window_1_qty)],
      ["From now to the next order's, in nine of ten cases at most", units(node, node.need_90_qty)],
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
      ["Ordering rule", node.method === "curve" ? "what each further pack is worth" : node.method],
      ["The simple rule would order", units(node, node.simple_qty)],
      ["Safety stock", safetyStock(node)],
      ["Safety stock in production", isGiven(node.is_decoupling_point) ? `${node.is_decoupling_point ? "held here" : "held elsewhere"}; delivers within ${number(node.service_time_days)} days` : "–"],
      ["Reorder point", units(node, node.reorder_point_qty)],
      ["Order up to", `${units(node, node.order_up_to_qty)}${node.is_last_window ? " (last order of the item: newsvendor)" : ""}`],
      ["Keeping its least stock on the shelf costs a year", number(node.floor_cost_value, 2)],
      ["Minimum and maximum for an ERP", isGiven(node.max_qty) ? `${quantity(node.min_qty)} to ${units(node, node.max_qty)}` : "–"],
      ["Economic order quantity", isGiven(node.economic_order_qty) ? `${units(node, node.economic_order_qty)} (${LOT_RULES[node.lot_rule]})` : "–"],
      ...supplies(node),
      [node.target_kind === "fill" ? "Fill target" : "Service target", node.target_kind === "both" ? `${percent(node.service_target)}; fill ${percent(node.fill_target)}` : percent(node.target_kind === "fill" ? node.fill_target : node.service_target)],
      ["What set the quantity", [node.reason_code, node.binding_limit].filter(isGiven).join("; ").replaceAll("_", " ") || "–"],
    ]],
    ["Supply", [
      ["Source", isGiven(node.source_id) ? `${node.supply_kind} from ${node.source_id}` : "none"],
      ["Chosen before another source", whyThisSource(node)],
      ["Lead time", isGiven(node.lead_time_days) ? `${number(node.lead_time_days, 1)} ± ${number(node.lead_time_sd_days, 1)} days (${node.lead_time_source})` : "–"],
      ["On order, but not counted on", units(node, node.undelivered_qty)],
      ["Order chance every", isGiven(node.review_days) ? `${number(node.review_days)} days` : "–"],
      ["Best with its supplier's other items", isGiven(node.joint_multiple_count) ? `every ${number(node.suggested_review_days * node.joint_multiple_count)} days, ${units(node, node.joint_order_qty)}` : "–"],
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
