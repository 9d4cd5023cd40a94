// The keys that work on every page: / comes to the box of the page, or to the search, and ? shows what other keys there are, where
// they can be turned off. Without this file the same is reached by links.

import { KEYS, keysOn, meant } from "./keys.js";

const list = document.getElementById("keys");

document.addEventListener("keydown", (event) => {
  if (!["/", "?"].includes(event.key) || !meant(event)) return;
  event.preventDefault();
  if (event.key === "?") return open();
  const box = document.querySelector("[data-slash]");
  if (box) {
    box.focus();
    box.select();
  } else {
    document.querySelector("[data-search]")?.click();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-keys]")) open();
  if (event.target === list || event.target.closest("#keys [data-close]")) list.close();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys]")) return;
  try {
    if (event.target.checked) localStorage.removeItem(KEYS);
    else localStorage.setItem(KEYS, "off");
  } catch {
    // the choice cannot be kept; the keys stay on
  }
});

function open() {
  if (!list || list.open) return;
  document.querySelector(":popover-open")?.hidePopover();
  list.querySelector("[data-keys]").checked = keysOn();
  list.showModal();
}

for (const button of document.querySelectorAll("[data-show-keys]")) button.hidden = false;
