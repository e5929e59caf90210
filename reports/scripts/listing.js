// One long table: sorted and searched by the table library, filtered by the form above it, both kept in the address.
"use strict";

replenish.listing = ({ data, columns, filters, order }) => {
  const { element, readAddress } = replenish;
  const DataTable = window.DataTableBundle.default;
  const form = document.getElementById("filters");

  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  // The library reads texts to show and to search as markup: only elements with text, and escaped text, leave here.
  const shown = (column) => (value, type, row) => {
    if (type === "display") return column.show ? column.show(value, row) : element("span", value ?? "", { class: "name" });
    if (column.numeric) return value ?? -Infinity;
    const words = column.words ? column.words(value, row) : value ?? "";
    return type === "filter" ? escaped(words) : words;
  };

  const table = new DataTable("#listing", {
    data,
    order,
    autoWidth: false,
    deferRender: true,
    pageLength: 50,
    lengthMenu: [25, 50, 200],
    layout: { topStart: null, topEnd: null, bottomStart: ["info", "pageLength"], bottomEnd: "paging" },
    language: {
      emptyTable: "Nothing to show.",
      zeroRecords: "Nothing matches these filters.",
      info: "_START_ to _END_ of _TOTAL_",
      infoEmpty: "0 of 0",
      infoFiltered: "(out of _MAX_)",
      lengthMenu: "_MENU_ a page",
    },
    columns: columns.map((column) => ({
      data: column.name,
      title: column.title,
      type: column.numeric ? "num" : "string",
      className: column.numeric ? "n" : column.style ?? "",
      orderSequence: column.numeric && column.name !== order[0][2] ? ["desc", "asc"] : ["asc", "desc"],
      searchable: !column.numeric,
      render: shown(column),
    })),
  });
  table.table().container().classList.add("ready");
  document.querySelector(".dt-scroll, .dt-layout-table")?.setAttribute("role", "presentation");

  for (const [name, filter] of Object.entries(filters)) {
    const values = [...new Map(data.map((row) => [String(filter.value(row)), filter.text(row)]))];
    values.sort((one, other) => (one[1] < other[1] ? -1 : 1));
    for (const [value, text] of values) form.elements[name].append(element("option", text, { value }));
    table.search.fixed(name, (_, row) => {
      const wanted = form.elements[name].value;
      return wanted === "" || String(filter.value(row)) === wanted;
    });
  }

  const apply = () => {
    table.search(form.elements.search.value).draw();
  };
  const remember = () => {
    const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
    window.history.replaceState(null, "", `#${new URLSearchParams(chosen)}`);
  };
  const restore = () => {
    const address = readAddress();
    for (const field of form.elements) if (field.name) field.value = address.get(field.name) ?? "";
    apply();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }));
  window.addEventListener("hashchange", restore);
  restore();
};
