// Joins the page and what was read of it: a click on a block lights it on both sides, a click on a check lights the cells that it was
// made from, and a table is copied as CSV. Without this file both sides stand beside each other as they are.

const picture = document.querySelector(".pagepic svg");
const read = document.querySelector("[data-asread]");
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

function chooseBlock(name, { scroll } = {}) {
  for (const element of document.querySelectorAll("[data-block].is-chosen")) element.classList.remove("is-chosen");
  for (const element of document.querySelectorAll(`[data-block="${CSS.escape(name)}"]`)) element.classList.add("is-chosen");
  const target = scroll === "read" ? document.getElementById(name) : picture?.querySelector(`[data-block="${CSS.escape(name)}"]`);
  target?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}

picture?.addEventListener("click", (event) => {
  const block = event.target.closest("[data-block]");
  if (block && getSelection().isCollapsed) chooseBlock(block.dataset.block, { scroll: "read" });
});

// The blocks are one stop of the Tab key; the arrow keys go through them.
const blocks = picture && read ? [...read.querySelectorAll("[data-block]")] : [];
for (const [place, block] of blocks.entries()) {
  block.tabIndex = place ? -1 : 0;
  block.addEventListener("click", () => getSelection().isCollapsed && chooseBlock(block.id, { scroll: "picture" }));
  block.addEventListener("focus", () => chooseBlock(block.id, { scroll: "picture" }));
  block.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = event.target === block && step ? blocks[place + step] : undefined;
    if (!next) return;
    event.preventDefault();
    block.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

function at(table, place) {
  return table.querySelector(`[data-at="${CSS.escape(place)}"]`);
}

function lightInputs(button) {
  const holder = button.closest(".readtable");
  for (const cell of document.querySelectorAll(".asread .is-input, .asread .is-result")) cell.classList.remove("is-input", "is-result");
  const inputs = button.dataset.check.split(" ").map((place) => at(holder, place)).filter(Boolean);
  const result = at(holder, button.dataset.of);
  for (const cell of inputs) cell.classList.add("is-input");
  result?.classList.add("is-result");
  result?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  outline([...inputs, result]);
}

function outline(cells) {
  const group = picture?.querySelector("[data-inputs]");
  if (!group) return;
  group.replaceChildren();
  for (const cell of cells) {
    if (!cell?.dataset.box) continue;
    const [x, y, width, height] = cell.dataset.box.split(" ");
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x, y, width, height, rx: 2, class: "hit" })) rect.setAttribute(name, value);
    group.append(rect);
  }
}

document.addEventListener("click", (event) => {
  const check = event.target.closest("[data-check]");
  if (check) lightInputs(check);
  else if (event.target.closest(".asread [data-box]")) outline([event.target.closest("[data-box]")]);
});

function csv(table) {
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const shown = (cell) => quoted((cell.querySelector("button") ?? cell).firstChild?.data?.trim() ?? "");
  return [...table.rows]
    .filter((row) => row.querySelector("[data-at]"))
    .map((row) => [...row.querySelectorAll("[data-at]")].flatMap((cell) => [shown(cell), ...Array(cell.colSpan - 1).fill("")]).join(","))
    .join("\r\n");
}

for (const button of document.querySelectorAll("[data-copy-csv]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(csv(button.closest(".readtable").querySelector("table")));
    button.lastChild.textContent = button.dataset.copied;
  });
}
