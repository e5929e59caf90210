// What every page with a script shares: data shards, the address, and how numbers and dates are written.
"use strict";

window.replenish = (() => {
  const waiting = new Map(); // shard name -> functions that get its content
  const loaded = new Map(); // shard name -> promise of its content

  // A shard is a script: pages opened from disk may not fetch. It calls receive() with gzipped JSON in base64.
  const load = (name) => {
    if (!loaded.has(name)) {
      loaded.set(name, new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        const script = document.createElement("script");
        script.src = `data/${name}.js`;
        script.onerror = () => reject(new Error(`data/${name}.js is missing`));
        document.head.append(script);
      }));
    }
    return loaded.get(name);
  };

  const receive = (name, text) => waiting.get(name)?.(unpack(text));

  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  // Columns {a: [..], b: [..]} as rows [{a, b}, ..].
  const rows = (columns) => {
    const names = Object.keys(columns);
    const count = names.length ? columns[names[0]].length : 0;
    return Array.from({ length: count }, (_, index) => Object.fromEntries(names.map((name) => [name, columns[name][index]])));
  };

  const isGiven = (value) => value !== null && value !== undefined && value !== "";

  const number = (value, decimals = 0) =>
    isGiven(value) ? value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }) : "–";

  const quantity = (value) =>
    isGiven(value) ? value.toLocaleString("en-US", { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 2 }) : "–";

  const percent = (value) => (isGiven(value) ? `${number(100 * value)} %` : "–");

  const day = (text) =>
    isGiven(text)
      ? new Date(`${text}T00:00:00Z`).toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).replace(",", "")
      : "–";

  const nodeAddress = (item, place) => `item.html#${new URLSearchParams({ item, location: place })}`;

  const readAddress = () => new URLSearchParams(window.location.hash.slice(1));

  // An element with text only: names are never read as markup.
  const element = (tag, text = "", attributes = {}) => {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  const ready = () => { document.body.dataset.ready = "true"; };

  const fail = (error) => {
    document.getElementById("content").prepend(element("p", `The data of this page could not be read: ${error.message}`, { class: "empty", role: "alert" }));
    ready();
  };

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark", dark.matches); // the table library's own switch
  dark.addEventListener("change", follow);
  follow();

  return { load, receive, rows, isGiven, number, quantity, percent, day, nodeAddress, readAddress, element, ready, fail, dark };
})();
