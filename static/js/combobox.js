// Suggests as one types into a field with data-combo, the address that knows the suggestions: a list under the field, moved through by
// the arrows and taken by Enter or a click. The field holds the text of what was chosen, and data-into names a hidden field for its id.
// Without this file the field takes what is typed, and the server finds out what is meant.

const PAUSE = 150;

function improve(input) {
  const list = Object.assign(document.createElement("ul"), { className: "combo__list", id: `${input.id}-options`, hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  const box = Object.assign(document.createElement("div"), { className: "combo" });
  input.before(box);
  box.append(input, list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) {
    input.setAttribute(name, value);
  }
  const into = input.dataset.into && input.form.elements[input.dataset.into];
  let asked = null;
  let pause = 0;

  const options = () => [...list.children].filter((one) => one.matches("[role=option]"));
  const current = () => list.querySelector("[aria-selected=true]");

  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) input.removeAttribute("aria-activedescendant");
  }

  function mark(option) {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (!option) return;
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    input.value = option.dataset.value;
    if (into) into.value = option.dataset.id ?? "";
    show(false);
    input.dispatchEvent(new CustomEvent("combo:taken", { bubbles: true }));
  }

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const address = new URL(input.dataset.combo, location.href);
    address.searchParams.set("q", input.value);
    try {
      const response = await fetch(address, { signal: asked.signal, headers: { "X-Requested-With": "fetch" } });
      if (!response.ok || response.redirected) return show(false);
      list.innerHTML = await response.text();
      options().forEach((option, at) => { option.id = `${list.id}-${at}`; });
      show(document.activeElement === input && list.children.length > 0);
    } catch {
      show(false); // taken back by the next key, or the server does not answer: what is typed still counts
    }
  }

  input.addEventListener("input", () => {
    if (into) into.value = "";
    clearTimeout(pause);
    if (input.value.trim().length < 2) return show(false);
    pause = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden || !all.length) return;
      event.preventDefault();
      const at = all.indexOf(current()) + (event.key === "ArrowDown" ? 1 : -1);
      mark(all[(at + all.length) % all.length]);
    } else if (event.key === "Enter" && !list.hidden && current()) {
      event.preventDefault();
      take(current());
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      show(false);
    }
  });
  input.addEventListener("blur", () => show(false));
  // Before the field loses the focus, which would close the list.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

function improveAll(root) {
  for (const input of root.querySelectorAll("input[data-combo]:not([role])")) improve(input);
}

improveAll(document);
document.addEventListener("htmx:load", (event) => improveAll(event.detail.elt));
