// Copies the text of an element: <button data-copy="id of the element" data-copied="Copied" hidden>.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.lastChild.textContent = button.dataset.copied;
  });
}
