// Sends a form with one choice in it as soon as the choice is made. Without this file it has a button.

document.addEventListener("change", (event) => event.target.closest("form[data-autosubmit]")?.requestSubmit());
