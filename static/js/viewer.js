// On the page of a document: brings the lit place into view and copies a table as CSV.

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const lit = document.querySelector(".sheet .mark.is-active, .sheet mark") ?? document.querySelector(".panel .is-lit");
lit?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });

function csv(table) {
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [...table.rows].map((row) => [...row.cells].map((cell) => quoted(cell.textContent.trim())).join(",")).join("\r\n");
}

for (const button of document.querySelectorAll("[data-copy-csv]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(csv(button.closest(".readtable").querySelector("table")));
    button.lastChild.textContent = button.dataset.copied;
  });
}
