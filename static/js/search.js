// Moves through the results by keys: j and k, or the arrows from the box; Enter opens what is in hand, as a link does. Typing itself
// is htmx's. Without this file the results are reached by the tab key.

import { meant } from "./keys.js";

const box = document.getElementById("q");
const links = () => [...document.querySelectorAll(".hit__open")];

function step(by) {
  const all = links();
  const at = all.indexOf(document.activeElement?.closest(".hit")?.querySelector(".hit__open"));
  const next = at < 0 ? (by > 0 ? 0 : -1) : at + by;
  if (next < 0) box.focus();
  else all[Math.min(next, all.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  const down = event.key === "j" || event.key === "ArrowDown";
  const up = event.key === "k" || event.key === "ArrowUp";
  if (!down && !up) return;
  const arrow = event.key.startsWith("Arrow");
  const fromBox = arrow && down && event.target === box;
  const onHit = event.target.matches(".hit__open");
  if (arrow ? !fromBox && !onHit : !meant(event)) return;
  event.preventDefault();
  step(down ? 1 : -1);
});

// What is shown must not be taken for what was asked for.
const lost = document.getElementById("lost");
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => { if (event.target.closest("#find, #results")) lost.hidden = false; });
}
document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "results") lost.hidden = true; });

// The end of the words is where one goes on writing.
if (document.activeElement === box) box.setSelectionRange(box.value.length, box.value.length);
