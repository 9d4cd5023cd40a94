// Opens the ledger of a figure when a pointer rests on it, as a click or Enter does. What was opened so closes when the
// pointer has left both; what was clicked stays. On a narrow page a ledger makes way when it leads to a place.

const REST = 450; // milliseconds on a figure before its ledger opens
const LEAVE = 250; // milliseconds outside before it closes
const pointed = matchMedia("(hover: hover) and (pointer: fine)");
let opening = 0;
let closing = 0;
let previewed = null;

const ledgerOf = (button) => document.getElementById(button.getAttribute("popovertarget"));
const placeOf = (target) => target.closest?.(".figure[popovertarget], .note--calc[popovertarget]");

function preview(button) {
  const ledger = ledgerOf(button);
  if (!ledger || ledger.matches(":popover-open") || document.querySelector(".ledger:popover-open")) return;
  previewed = ledger;
  ledger.dispatchEvent(new CustomEvent("popover:from", { bubbles: true, detail: button }));
  ledger.showPopover();
}

document.addEventListener("pointerover", (event) => {
  if (!pointed.matches) return;
  const button = placeOf(event.target);
  clearTimeout(opening);
  if (button) opening = setTimeout(preview, REST, button);
  if (!previewed) return;
  const inside = event.target.closest?.(".ledger") === previewed || (button && ledgerOf(button) === previewed);
  clearTimeout(closing);
  if (!inside) closing = setTimeout(() => { previewed?.hidePopover(); previewed = null; }, LEAVE);
});

// While a ledger is open the cells it speaks of are outlined, and the first of its places is in hand.
document.addEventListener("toggle", (event) => {
  const ledger = event.target;
  if (!ledger.matches?.(".ledger[popover]")) return;
  const open = event.newState === "open";
  const keys = new Set([...ledger.querySelectorAll("[data-cell]")].map((operand) => operand.dataset.cell));
  for (const cell of document.querySelectorAll(".mark--cell")) {
    if (keys.has(cell.dataset.cell)) cell.classList.toggle("is-lit", open);
  }
  const first = ledger.querySelector("a[data-marker]");
  if (open && first) document.dispatchEvent(new CustomEvent("citation:hold", { detail: first.dataset.marker }));
}, true);

document.addEventListener("click", (event) => {
  const button = placeOf(event.target);
  clearTimeout(opening);
  if (button && previewed && ledgerOf(button) === previewed) {
    event.preventDefault(); // the click keeps what the pointer has opened
    previewed = null;
  }
  const operand = event.target.closest?.(".ledger[popover] a[data-marker]");
  if (operand && matchMedia("(max-width: 960px)").matches) operand.closest(".ledger").hidePopover();
}, true);
