// Improves the question box: Ctrl+Enter sends, and the collections chosen in the menu stand beside it as
// chips that can be taken away. Without this file the menu's boxes and the button do the same.

const form = document.querySelector(".ask");
const box = form?.querySelector("#question");
const chips = form?.querySelector("[data-chips]");

function draw() {
  const pattern = chips.querySelector("template").content;
  for (const chip of chips.querySelectorAll(".chip")) chip.remove();
  const chosen = [...form.querySelectorAll("[name=collections]:checked")];
  for (const input of chosen) {
    const chip = pattern.cloneNode(true).firstElementChild;
    chip.querySelector("b").textContent = input.dataset.name;
    const away = chip.querySelector("button");
    away.setAttribute("aria-label", away.dataset.say.replace("{name}", input.dataset.name));
    away.addEventListener("click", () => {
      input.checked = false;
      draw();
      form.querySelector("[popovertarget=where]").focus();
    });
    chips.append(chip);
  }
  form.querySelector("[data-all]").hidden = chosen.length > 0 || Boolean(form.querySelector("[name=documents]"));
}

box?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});

form?.addEventListener("submit", (event) => {
  if (!box.value.trim()) {
    event.preventDefault();
    box.focus();
    return;
  }
  form.querySelector("[type=submit]").setAttribute("aria-busy", "true");
});

form?.addEventListener("change", (event) => event.target.name === "collections" && draw());

addEventListener("pageshow", () => {
  form?.querySelector("[type=submit]").removeAttribute("aria-busy");
  if (chips) draw();
});
