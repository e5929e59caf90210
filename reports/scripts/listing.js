// One long table: sorted by its headings, filtered by the form above it, page by page; all of it kept in the address.
"use strict";

replenish.listing = ({ data, columns, filters, order }) => {
  const { element, number } = replenish;
  const form = document.getElementById("filters");
  const table = document.getElementById("listing");
  const PRINTED = 1000; // rows on paper, of those that match
  const SIZES = [25, 50, 200, 1000];
  const [[, direction, first]] = order;
  const usual = { sort: first, direction, page: 1, rows: 50 };
  let state = { ...usual };
  let matching = data;

  const words = (column, row) => String((column.words ? column.words(row[column.name], row) : row[column.name]) ?? "");
  let texts = null; // what a search looks into, made when one is asked for
  const haystacks = () => {
    const told = columns.filter((column) => !column.numeric);
    texts ??= data.map((row) => told.map((column) => words(column, row)).join("\n").toLowerCase());
    return texts;
  };

  const sorted = (rows) => {
    const column = columns.find((one) => one.name === state.sort);
    const sign = state.direction === "desc" ? -1 : 1;
    const key = column.numeric ? (row) => row[column.name] ?? -Infinity : (row) => words(column, row);
    const keys = new Map(rows.map((row) => [row, key(row)]));
    return [...rows].sort((one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      return a === b ? one.position - other.position : a < b ? -sign : sign;
    });
  };

  const matched = () => {
    const asked = Object.entries(filters).map(([name, filter]) => [form.elements[name].value, filter.value]).filter(([wanted]) => wanted !== "");
    const terms = replenish.wordsOf(form.elements.search.value);
    const found = terms.length ? haystacks() : null;
    return data.filter((row) =>
      asked.every(([wanted, value]) => String(value(row)) === wanted) && (!found || replenish.holds(found[row.position], terms)));
  };

  const body = element("tbody");
  const line = (row) => {
    const made = element("tr");
    for (const column of columns) {
      const cell = element("td", "", { class: column.numeric ? "n" : column.style ?? "" });
      const value = row[column.name];
      cell.append(column.show ? column.show(value, row) : element("span", value ?? "", { class: "name" }));
      made.append(cell);
    }
    return made;
  };
  const show = (from, count) => {
    const part = matching.slice(from, from + count);
    body.replaceChildren(...part.map(line));
    const all = `${number(part.length ? from + 1 : 0)} to ${number(from + part.length)} of ${number(matching.length)}`;
    foot.told.textContent = matching.length < data.length ? `${all} (out of ${number(data.length)})` : all;
    if (!part.length) {
      const empty = element("tr");
      empty.append(element("td", data.length ? "Nothing matches these filters." : "Nothing to show.", { colspan: columns.length }));
      body.append(empty);
    }
  };

  const pages = () => Math.max(1, Math.ceil(matching.length / state.rows));
  const draw = () => {
    state.page = Math.min(Math.max(1, state.page), pages());
    show((state.page - 1) * state.rows, state.rows);
    foot.place.textContent = `page ${number(state.page)} of ${number(pages())}`;
    foot.back.disabled = state.page === 1;
    foot.on.disabled = state.page === pages();
    foot.size.value = String(state.rows);
    for (const [name, heading] of headings) {
      if (name === state.sort) heading.setAttribute("aria-sort", `${state.direction}ending`);
      else heading.removeAttribute("aria-sort");
    }
  };
  const find = () => { matching = sorted(matched()); draw(); };
  const remember = () => {
    const isUsual = state.sort === usual.sort && state.direction === usual.direction;
    replenish.writeAddress({
      ...Object.fromEntries(new FormData(form)),
      sort: isUsual ? "" : `${state.sort} ${state.direction}`,
      page: state.page === usual.page ? "" : state.page,
      rows: state.rows === usual.rows ? "" : state.rows,
    });
  };
  const restore = () => {
    const address = replenish.readAddress();
    for (const field of form.elements) if (field.name) field.value = address.get(field.name) ?? "";
    const [sort, asked] = (address.get("sort") ?? "").split(" ");
    const known = columns.some((column) => column.name === sort);
    const whole = (name) => Math.floor(Number(address.get(name))) || usual[name];
    state = {
      sort: known ? sort : usual.sort,
      direction: known ? (asked === "desc" ? "desc" : "asc") : usual.direction,
      page: whole("page"),
      rows: SIZES.includes(whole("rows")) ? whole("rows") : usual.rows,
    };
    find();
  };
  const turn = (changes, redo = draw) => { Object.assign(state, changes); redo(); remember(); };

  const headings = new Map(columns.map((column) => {
    const heading = element("th", "", { scope: "col", class: column.numeric ? "n" : column.style ?? "" });
    const button = element("button", column.title, { type: "button", class: "sort" });
    const start = column.numeric && column.name !== usual.sort ? "desc" : "asc";
    button.addEventListener("click", () => {
      const other = state.direction === "asc" ? "desc" : "asc";
      turn({ sort: column.name, direction: state.sort === column.name ? other : start, page: 1 }, find);
    });
    heading.append(button);
    return [column.name, heading];
  }));

  const foot = {
    whole: element("div", "", { class: "listing-foot" }),
    told: element("p", "", { class: "listing-info", role: "status" }),
    back: element("button", "Back", { type: "button" }),
    place: element("span", "", { class: "listing-page" }),
    on: element("button", "Next", { type: "button" }),
    size: element("select", "", { "aria-label": "Rows a page" }),
  };
  foot.size.append(...SIZES.map((size) => element("option", `${number(size)} rows`, { value: size })));
  foot.back.addEventListener("click", () => turn({ page: state.page - 1 }));
  foot.on.addEventListener("click", () => turn({ page: state.page + 1 }));
  foot.size.addEventListener("change", () => turn({ rows: Number(foot.size.value), page: 1 }));
  foot.whole.append(foot.told, foot.back, foot.place, foot.on, foot.size);

  for (const [name, filter] of Object.entries(filters)) {
    const values = [...new Map(data.map((row) => [String(filter.value(row)), filter.text(row)]))];
    values.sort((one, other) => (one[1] < other[1] ? -1 : 1));
    form.elements[name].append(...values.map(([value, text]) => element("option", text, { value })));
  }

  const head = element("thead");
  const names = element("tr");
  names.append(...headings.values());
  head.append(names);
  table.append(head, body);
  const frame = element("div", "", { class: "scroll", tabindex: "0", role: "region", "aria-label": table.caption?.textContent ?? "Table" });
  table.replaceWith(frame);
  frame.append(table);
  frame.after(foot.whole);

  const changed = () => turn({ page: 1 }, find);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", changed);
  form.addEventListener("reset", () => setTimeout(changed));
  window.addEventListener("hashchange", restore);
  window.addEventListener("beforeprint", () => show(0, PRINTED));
  window.addEventListener("afterprint", draw);
  restore();
};
