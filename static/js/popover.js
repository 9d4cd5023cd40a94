// Places a popover by the button that opened it and keeps that button's aria-expanded true to what is seen. Without this
// file popovers open all the same, in the middle of the page or where the stylesheet puts them.

const GAP = 8;
const MARGIN = 16;

function place(popover, opener) {
  if (popover.matches(".menu--account") || matchMedia("(max-width: 640px)").matches) return; // placed by the stylesheet
  const from = opener.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const centred = popover.matches(".menu") ? from.right - size.width : from.left + from.width / 2 - size.width / 2;
  const wanted = popover.matches(".menu--start") ? from.left : centred;
  const left = Math.max(Math.min(wanted, innerWidth - size.width - MARGIN), MARGIN);
  const below = from.bottom + GAP + size.height < innerHeight || from.top < size.height + GAP;
  popover.style.left = `${left + scrollX}px`;
  popover.style.top = `${(below ? from.bottom + GAP : from.top - size.height - GAP) + scrollY}px`;
}

const openers = new WeakMap();

document.addEventListener("click", (event) => {
  const button = event.target.closest("[popovertarget]");
  const popover = button && document.getElementById(button.getAttribute("popovertarget"));
  if (popover) openers.set(popover, button);
}, true);

// Who opens a popover by script says from where.
document.addEventListener("popover:from", (event) => openers.set(event.target, event.detail));

// `toggle` does not bubble, hence the capture.
document.addEventListener("toggle", (event) => {
  const popover = event.target;
  if (!popover.matches?.("[popover]")) return;
  const open = event.newState === "open";
  const opener = openers.get(popover);
  for (const button of document.querySelectorAll(`[popovertarget="${popover.id}"]`)) {
    button.setAttribute("aria-expanded", String(open && button === opener));
  }
  if (open && opener) place(popover, opener);
}, true);

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast")?.remove());
