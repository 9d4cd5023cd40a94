// Light or dark, before the first paint: this one script is loaded in the head and blocks, so that nothing flashes.
// The choice is kept in this browser; "system" keeps nothing.
(() => {
  const KEY = "toulmin-theme";
  const root = document.documentElement;

  function kept() {
    try {
      const value = localStorage.getItem(KEY);
      return value === "light" || value === "dark" ? value : "system";
    } catch {
      return "system"; // storage is forbidden: follow the system
    }
  }

  function apply(theme) {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
  }

  function keep(theme) {
    try {
      if (theme === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // it still holds for this page
    }
    apply(theme);
    show(theme);
  }

  function show(theme) {
    for (const input of document.querySelectorAll(`[data-theme-switch] input[value="${theme}"]`)) input.checked = true;
  }

  root.classList.add("js");
  apply(kept());
  addEventListener("storage", (event) => event.key === KEY && (apply(kept()), show(kept())));
  document.addEventListener("DOMContentLoaded", () => {
    for (const part of document.querySelectorAll("[data-theme-switch]")) {
      part.hidden = false;
      part.addEventListener("change", (event) => keep(event.target.value));
    }
    show(kept());
  });
})();
