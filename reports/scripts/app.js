// What every page shares: data shards, the address, and how numbers and dates are written.
"use strict";

window.replenish = (() => {
  const waiting = new Map(); // shard name -> functions that get its content
  const loaded = new Map(); // shard name -> promise of its content

  const script = (address) => new Promise((resolve, reject) => {
    const made = document.createElement("script");
    made.src = address;
    made.onload = resolve;
    made.onerror = () => reject(new Error(`${address} is missing`));
    document.head.append(made);
  });

  // A shard is a script: pages opened from disk may not fetch. It calls receive() with gzipped JSON in base64.
  const load = (name) => {
    if (!loaded.has(name)) {
      loaded.set(name, new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        script(`data/${name}.js`).catch(reject);
      }));
    }
    return loaded.get(name);
  };

  const receive = (name, text) => waiting.get(name)?.(unpack(text));

  const unpack = async (text) => {
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let place = 0; place < letters.length; place += 1) bytes[place] = letters.charCodeAt(place);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  // Columns {a: [..], b: [..]} as rows that know their position and read each field where it lies: nothing is copied.
  const rows = (columns) => {
    const names = Object.keys(columns);
    const count = names.length ? columns[names[0]].length : 0;
    class Row {
      constructor(position) { this.position = position; }
    }
    for (const name of names) {
      const values = columns[name];
      Object.defineProperty(Row.prototype, name, { get() { return values[this.position]; } });
    }
    return Array.from({ length: count }, (_, position) => new Row(position));
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

  const nodeAddress = (item, place, more = {}) => `item.html#${new URLSearchParams({ item, location: place, ...more })}`;

  const readAddress = () => new URLSearchParams(window.location.hash.slice(1));

  // Keep what a person chose in the address, so that a link shows the same; nothing is kept where nothing was chosen.
  const writeAddress = (chosen) => {
    const given = Object.entries(chosen).filter(([, value]) => isGiven(value));
    const { pathname, search } = window.location;
    window.history.replaceState(null, "", given.length ? `#${new URLSearchParams(given)}` : pathname + search);
  };

  // Whether a text holds every word of a search.
  const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (text, words) => words.every((word) => text.includes(word));

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

  return { script, load, receive, rows, isGiven, number, quantity, percent, day, nodeAddress, readAddress, writeAddress, wordsOf, holds, element, ready, fail, dark };
})();
