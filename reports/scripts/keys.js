// Single keys for people who live in the report; `?` lists them and can switch them off.
"use strict";

(() => {
  const help = document.getElementById("keys");
  const isOn = document.getElementById("keys-on");
  const STORED = "replenish.keys";
  let leading = false; // `g` was pressed and a page's letter may follow

  const stored = () => { try { return window.localStorage.getItem(STORED); } catch { return null; } };
  const store = (value) => { try { window.localStorage.setItem(STORED, value); } catch { /* a browser may forbid it: then it holds for this page */ } };
  isOn.checked = stored() !== "off";
  isOn.addEventListener("change", () => store(isOn.checked ? "on" : "off"));

  const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.getClientRects().length > 0);
  const step = (by) => {
    const rows = shown("main tbody tr, #nodes a");
    if (!rows.length) return;
    const here = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
    const next = rows[Math.min(Math.max(here + by, 0), rows.length - 1)];
    if (!next.matches("a")) next.setAttribute("tabindex", "-1");
    next.focus();
  };
  const open = () => {
    const row = document.activeElement;
    const link = row.matches("tr") ? row.querySelector("a[href]") : null;
    if (link) link.click();
    return Boolean(link);
  };
  const unfold = () => {
    const all = shown("details.behind");
    const isOpen = all.some((one) => one.open);
    for (const one of all) one.open = !isOpen;
  };
  const turn = (letter) => {
    const link = document.querySelector(`nav[aria-label=Pages] a[data-key="${CSS.escape(letter)}"]`);
    if (link) link.click();
    return Boolean(link);
  };

  const actions = {
    "/": () => document.getElementById("go-to").focus(),
    "?": () => help.showModal(),
    j: () => step(1),
    k: () => step(-1),
    s: unfold,
    g: () => { leading = true; setTimeout(() => { leading = false; }, 1500); },
  };

  document.addEventListener("keydown", (event) => {
    const isWriting = event.target.closest("input, select, textarea, dialog") !== null;
    if (isWriting || !isOn.checked || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter") { if (open()) event.preventDefault(); return; }
    const led = leading;
    leading = false;
    if (led && turn(event.key)) { event.preventDefault(); return; }
    if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
  });
  document.getElementById("keys-open").addEventListener("click", () => help.showModal());
  document.getElementById("keys-close").addEventListener("click", () => help.close());
})();
