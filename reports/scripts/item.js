// The page of one node: a list to choose from, and the node named in the address.
"use strict";

(async () => {
  const { element, load, quantity, day, isGiven, nodeAddress } = replenish;
  const at = (id) => document.getElementById(id);
  const [columns, words, calendar] = await Promise.all([load("nodes"), load("words"), load("calendar")]);
  const nodes = replenish.rows(columns);
  const shardNodes = Number(at("view").dataset.shardNodes);
  const asOf = calendar.bucket_end[calendar.bucket_index.indexOf(-1)] ?? calendar.bucket_start[0];
  const byWorth = [...nodes].sort((one, other) => (one.worst_rank ?? Infinity) - (other.worst_rank ?? Infinity) || one.position - other.position);
  const LISTED = 200;
  const HALF_YEAR = 182;
  let haystacks = null; // what a search looks into, made when one is asked for
  let shown = null;
  let days = HALF_YEAR;

  // What is chosen beside the item, for links: the words of the search and the time shown.
  const more = () => ({ ...(at("find").value ? { find: at("find").value } : {}), ...(days === HALF_YEAR ? {} : { days }) });

  const list = () => {
    const terms = replenish.wordsOf(at("find").value);
    if (terms.length) haystacks ??= nodes.map((node) => [node.item_name, node.item_id, node.location_name, node.location_id, node.category].join("\n").toLowerCase());
    const found = terms.length ? byWorth.filter((node) => replenish.holds(haystacks[node.position], terms)) : byWorth;
    at("found").textContent = found.length > LISTED ? `${found.length} found, the first ${LISTED} listed` : `${found.length} found`;
    at("nodes").replaceChildren(...found.slice(0, LISTED).map((node) => {
      const entry = element("li");
      const link = element("a", "", { href: nodeAddress(node.item_id, node.location_id, more()).slice("item.html".length) });
      link.append(element("span", node.item_name, { class: "name" }), element("small", node.location_name, { class: "name" }));
      if (node.worst_code) link.append(element("small", words.code[node.worst_code], { class: "note" }));
      if (shown && node.position === shown.position) link.setAttribute("aria-current", "true");
      entry.append(link);
      return entry;
    }));
  };

  const badge = (text, tone) => element("span", text, { class: `badge ${tone}` });

  const header = (node) => {
    at("name").textContent = node.item_name;
    const ids = node.item_name === node.item_id ? [] : [node.item_id];
    at("about").textContent = [...ids, `at ${node.location_name}`, node.category].join(" · ");
    document.title = `${node.item_name.slice(0, 80)} at ${node.location_name.slice(0, 80)}`;
    const badges = [];
    if (node.worst_code) badges.push(badge(words.code[node.worst_code], "warn"));
    if (node.hold) badges.push(badge("on hold", "warn"));
    if (node.issue_code) badges.push(badge("excused from the plan", "warn"));
    if (node.abc_class) badges.push(badge(`value class ${node.abc_class}`, ""));
    at("badges").replaceChildren(...badges);
    const reasons = [node.explanation, node.hold ? `On hold: ${node.hold_cause}` : null, node.issue_detail].filter(isGiven);
    at("sentence").textContent = reasons.join(" ") || "Nothing to order tonight.";
    at("tiles").replaceChildren(...replenish.itemFacts.showTiles(node));
    at("facts").replaceChildren(...replenish.itemFacts.showFacts(node));
  };

  const findings = (node) => {
    const orders = (node.orders ?? []).map((order) => {
      const about = order.existing_order_id ? ` (order ${order.existing_order_id})` : "";
      return [`${words.action[order.action]} ${quantity(order.qty)} ${node.uom}${about}, in stock ${day(order.receipt_date)}`, order.explanation];
    });
    if (isGiven(node.change_explanation)) orders.unshift(["Since last night", node.change_explanation]);
    const troubles = (node.troubles ?? []).map((trouble) => [`${words.code[trouble.code]}, from ${day(trouble.date)}`, trouble.explanation]);
    at("findings").replaceChildren(...[...orders, ...troubles].map(([head, text]) => {
      const entry = element("li", "", { class: "name" });
      entry.append(element("b", head), element("span", text));
      return entry;
    }));
    at("lines").hidden = orders.length + troubles.length === 0;
  };

  const KINDS = { forecast: "forecast", safety_stock: "safety stock", surplus: "later demand" };
  const serves = (node) => {
    const rows = node.served ?? [];
    at("served").replaceChildren(...rows.map((row) => {
      const line = element("tr");
      line.append(
        element("td", quantity(row.qty), { class: "n" }),
        element("td", row.root_id ?? KINDS[row.root_kind], { class: "name" }),
        element("td", row.root_item_name, { class: "name" }),
        element("td", row.root_location_name, { class: "name" }),
        element("td", day(row.root_date)),
        element("td", row.is_late ? "late" : ""),
      );
      return line;
    }));
    at("serves").hidden = rows.length === 0;
  };

  // The library of charts is large: what the item says stands on the page before it is read.
  let library = null;
  const plotly = () => { library ??= replenish.script("assets/plotly.min.js"); return library; };
  const painted = () => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });

  const charts = async (node) => {
    const hasSeries = isGiven(node.sales_qty) || isGiven(node.stock_q50_qty);
    const hasWorth = (node.pack_value ?? []).some(isGiven);
    at("charts").hidden = !hasSeries;
    at("worth").hidden = !hasWorth;
    if (hasSeries || hasWorth) await plotly();
    if (hasSeries) {
      await replenish.itemCharts.demand(node, calendar, asOf, days);
      replenish.ready(); // the rest is drawn below what is seen first
      await replenish.itemCharts.stock(node, calendar, asOf, days);
    }
    if (hasWorth) await replenish.itemCharts.worth(node);
  };

  const press = (chosen) => {
    const buttons = [...document.querySelectorAll("[data-days]")];
    days = buttons.some((button) => Number(button.dataset.days) === chosen) ? chosen : HALF_YEAR;
    for (const button of buttons) button.setAttribute("aria-pressed", String(Number(button.dataset.days) === days));
  };

  const show = async () => {
    const address = replenish.readAddress();
    press(Number(address.get("days")) || HALF_YEAR);
    const [item, place] = [address.get("item"), address.get("location")];
    const wanted = nodes.find((node) => node.item_id === item && node.location_id === place);
    const chosen = wanted ?? (address.get("item") === null ? byWorth[0] : undefined);
    if (!chosen) {
      at("name").textContent = nodes.length ? "There is no such item in this report" : "There are no items in this report";
      at("sentence").textContent = "Choose one from the list.";
      for (const id of ["charts", "worth", "why", "serves", "lines"]) at(id).hidden = true;
      at("node").dataset.shown = "none";
      return;
    }
    const name = `node_${String(Math.floor(chosen.position / shardNodes)).padStart(4, "0")}`;
    shown = { ...(await load(name))[chosen.position % shardNodes], position: chosen.position };
    header(shown);
    at("why").hidden = false;
    findings(shown);
    serves(shown);
    list();
    if (!library) await painted();
    await charts(shown);
    at("node").dataset.shown = String(chosen.position);
  };

  const remember = () => {
    const address = replenish.readAddress();
    replenish.writeAddress({ item: address.get("item"), location: address.get("location"), ...more() });
  };
  for (const button of document.querySelectorAll("[data-days]")) {
    button.addEventListener("click", () => {
      press(Number(button.dataset.days));
      remember();
      list();
      charts(shown);
    });
  }
  at("find").addEventListener("input", () => { remember(); list(); });
  window.addEventListener("hashchange", () => show().catch(replenish.fail));
  replenish.dark.addEventListener("change", () => shown && charts(shown));
  const onPaper = (is) => {
    document.documentElement.toggleAttribute("data-paper", is);
    if (shown && library) charts(shown);
  };
  window.addEventListener("beforeprint", () => onPaper(true));
  window.addEventListener("afterprint", () => onPaper(false));
  at("find").value = replenish.readAddress().get("find") ?? "";
  list();
  await show();
  replenish.ready();
})().catch(replenish.fail);
