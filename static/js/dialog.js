// Shows a form as a dialog instead of as a page of its own. A link or form with hx-target="#dialog" brings the form in; when
// it has arrived the dialog opens. Without this file the link goes to the page.

const dialog = document.getElementById("dialog");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog) return;
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[aria-invalid=true], [autofocus], input:not([type=hidden])") ?? dialog.querySelector("button"))?.focus();
});

dialog?.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close]");
  if (close) event.preventDefault();
  if (close || event.target === dialog) dialog.close();
});
dialog?.addEventListener("close", () => dialog.replaceChildren());
