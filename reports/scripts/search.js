// The field on top of every page: leads to an item, a category, a location, a page, or the lines that hold a word.
"use strict";

(() => {
  const { element, load, wordsOf, holds, nodeAddress } = replenish;
  const field = document.getElementById("go-to");
  const list = document.getElementById("go-to-list");
  const told = document.getElementById("go-to-told");
  const MOST = 12;
  let places = null; // everything that can be found: {text, note, address(), where, rank}; each part of `where` after a line break
  let active = -1;

  const menu = () => [...document.querySelectorAll("nav[aria-label=Pages] a")].map((link) => (
    { text: link.textContent, note: "page", address: () => link.getAttribute("href"), where: `\n${link.textContent.toLowerCase()}`, rank: -1 }));

  // Every path above a category counts too: food/dairy/milk is found as food, food/dairy and food/dairy/milk.
  const groups = (nodes) => {
    const paths = new Set();
    for (const path of new Set(nodes.category)) {
      const parts = (path ?? "").split("/");
      parts.forEach((_, depth) => paths.add(parts.slice(0, depth + 1).join("/")));
    }
    paths.delete("");
    const sites = new Map(nodes.location_id.map((id, at) => [id, nodes.location_name[at]]));
    const level = (category, location) => () => `forecast.html#${new URLSearchParams({ category, location })}`;
    return [
      ...[...paths].map((path) => ({ text: path, note: "category", address: level(path, "all"), where: `\n${path.toLowerCase()}`, rank: 0 })),
      ...[...sites].map(([id, name]) => ({ text: name, note: "location", address: level("all", id), where: `\n${name}\n${id}`.toLowerCase(), rank: 0 })),
    ];
  };

  const items = (nodes) => nodes.item_id.map((id, at) => ({
    text: nodes.item_name[at],
    note: `${id === nodes.item_name[at] ? "" : `${id} `}at ${nodes.location_name[at]}`,
    address: () => nodeAddress(id, nodes.location_id[at]),
    where: `\n${nodes.item_name[at]}\n${id}\n${nodes.location_name[at]}\n${nodes.location_id[at]}`.toLowerCase(),
    rank: nodes.worst_rank[at] ?? Infinity,
  }));

  const everything = async () => {
    if (places === null) {
      const nodes = await load("nodes");
      places = [...menu(), ...groups(nodes), ...items(nodes)];
    }
    return places;
  };

  // What begins with the text comes first, then what has most money at stake.
  const found = (all, text) => {
    const words = wordsOf(text);
    const start = `\n${text.toLowerCase()}`;
    const hits = all.filter((one) => holds(one.where, words)).map((one) => [one, one.where.includes(start) ? 0 : 1]);
    hits.sort(([one, late], [other, later]) => late - later || (one.rank === other.rank ? 0 : one.rank - other.rank));
    return hits.map(([one]) => one);
  };

  const lines = (text) => ["proposals", "exceptions"].map((name) => (
    { text: `“${text}” in ${name}`, note: "lines", address: () => `${name}.html#${new URLSearchParams({ search: text })}` }));

  const choose = (place) => {
    const options = [...list.children];
    active = options.length ? (place + options.length) % options.length : -1;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
    if (active < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    }
  };

  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    field.setAttribute("aria-expanded", "false");
    choose(-1);
  };

  const go = (address) => {
    field.value = "";
    close();
    told.textContent = "";
    window.location.assign(address);
    document.getElementById("content").focus();
  };

  const option = (place, index) => {
    const made = element("li", "", { role: "option", id: `go-to-${index}`, "aria-selected": "false", "data-address": place.address() });
    made.append(element("span", place.text, { class: "name" }), " ", element("small", place.note, { class: "name" }));
    made.addEventListener("mousedown", (event) => { event.preventDefault(); go(made.dataset.address); });
    return made;
  };

  const offer = async () => {
    const text = field.value.trim();
    if (!text) { told.textContent = ""; close(); return; }
    const all = await everything();
    if (text !== field.value.trim()) return; // more was typed while the list was loading
    const hits = found(all, text);
    list.replaceChildren(...[...hits.slice(0, MOST), ...lines(text)].map(option));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    told.textContent = hits.length > MOST ? `${replenish.number(hits.length)} found, the first ${MOST} listed` : `${hits.length} found`;
    choose(0);
  };

  field.addEventListener("input", () => offer().catch(replenish.fail));
  field.addEventListener("focus", () => { everything().catch(replenish.fail); }, { once: true });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: active + 1, ArrowUp: active - 1 };
    if (event.key in moves) { event.preventDefault(); choose(moves[event.key]); }
    if (event.key === "Enter" && active >= 0) { event.preventDefault(); go(list.children[active].dataset.address); }
    if (event.key === "Escape") { field.value = ""; told.textContent = ""; close(); }
  });
})();
