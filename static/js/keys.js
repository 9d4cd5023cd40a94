// Whether keys of one letter or sign act on the page: the reader can turn them off, and they never act in a field.

export const KEYS = "toulmin-keys";

export function keysOn() {
  try {
    return localStorage.getItem(KEYS) !== "off";
  } catch {
    return true; // storage is forbidden: the keys work as they do by default
  }
}

// Whether a key was meant for the page: not for a field, a menu or a dialog, and not turned off.
export function meant(event) {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || !keysOn()) return false;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return false;
  return !document.querySelector(":modal, :popover-open");
}
