// Keeps one citation in hand: its chip, its note and its place on the page are marked, and the bar above the pages speaks
// of it. Click, Enter, or the keys [ and ] take another one. Without this file citations are links to the page view.

import { keysOn, meant } from "./keys.js";

const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
const pane = () => document.querySelector(".source");
const markers = () => [...(pane()?.querySelectorAll(".source__at") ?? [])].map((at) => at.dataset.marker);
let held = null;

function hold(marker, { scroll = true } = {}) {
  const all = markers();
  if (!all.includes(marker)) return false;
  held = marker;
  for (const part of document.querySelectorAll(".answer [data-marker], .source [data-marker]")) {
    const mine = part.dataset.marker === marker;
    if (part.matches(".source__at, .source__quote, .source__open")) part.hidden = !mine;
    else if (part.matches(".mark, .excerpt")) part.classList.toggle("is-active", mine);
    else if (mine) part.setAttribute("aria-current", "true");
    else part.removeAttribute("aria-current");
  }
  const at = pane().querySelector("[data-walk-at]");
  if (at) at.textContent = at.dataset.walkAt.replace("{n}", all.indexOf(marker) + 1).replace("{total}", all.length);
  if (scroll) bringIntoView(marker);
  return true;
}

function bringIntoView(marker) {
  const place = pane().querySelector(`.mark[data-marker="${marker}"], .excerpt[data-marker="${marker}"]`);
  const scroller = pane().querySelector(".source__scroll");
  if (!place) return;
  if (scroller.scrollHeight > scroller.clientHeight && getComputedStyle(scroller).overflowY !== "visible") {
    const box = place.getBoundingClientRect();
    const frame = scroller.getBoundingClientRect();
    const seen = box.top >= frame.top + 16 && box.bottom <= frame.bottom - 16;
    if (!seen) scroller.scrollBy({ top: box.top - frame.top - (frame.height - box.height) / 3, behavior: calm() });
  } else {
    place.scrollIntoView({ block: "center", behavior: calm() });
  }
}

function walk(by) {
  const all = markers();
  if (!all.length) return;
  const next = all[(all.indexOf(held) + by + all.length) % all.length];
  hold(next);
  const chip = document.querySelector(`.prose .cite[data-marker="${next}"]`);
  chip?.scrollIntoView({ block: "nearest", behavior: calm() });
}

function begin() {
  const source = pane();
  if (!source) return;
  for (const part of source.querySelectorAll(".source__walk, .source__keys")) part.hidden = false;
  for (const copy of document.querySelectorAll("[data-copy]")) copy.hidden = false;
  const keys = source.querySelector("[data-keys]");
  if (keys) keys.checked = keysOn();
  const [first] = markers();
  if (first) hold(first, { scroll: false });
}

async function copy(button) {
  const text = document.querySelector(button.dataset.copy).content.textContent;
  const html = button.dataset.copyHtml && document.querySelector(button.dataset.copyHtml).innerHTML;
  try {
    if (html && window.ClipboardItem) {
      const kinds = { "text/plain": text, "text/html": html };
      const blobs = Object.entries(kinds).map(([type, written]) => [type, new Blob([written], { type })]);
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
    } else await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "vh" });
    document.body.append(area);
    area.select();
    document.execCommand("copy"); // where the page is not served over HTTPS there is no clipboard interface
    area.remove();
  }
  const toast = document.createElement("div");
  toast.className = "toast";
  const said = document.createElement("p");
  said.textContent = button.dataset.done;
  toast.append(button.querySelector(".i").cloneNode(true), said);
  document.getElementById("toasts").append(toast);
  setTimeout(() => toast.remove(), 4000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-walk]");
  if (button?.dataset.copy) copy(button);
  if (button?.dataset.walk) walk(Number(button.dataset.walk));
  const link = event.target.closest("a[data-marker]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || link.matches(".source__open")) return;
  const inPane = link.closest(".source"); // there a mark leads back to its sentence, as a link
  if (hold(link.dataset.marker, { scroll: !inPane }) && !inPane) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (!["[", "]"].includes(event.key) || !markers().length || !meant(event)) return;
  event.preventDefault();
  walk(event.key === "]" ? 1 : -1);
});

document.addEventListener("citation:hold", (event) => {
  // On a narrow page the sources stand below: what is being read stays in view.
  hold(event.detail, { scroll: matchMedia("(min-width: 961px)").matches });
});
document.addEventListener("answer:finished", begin);
begin();
