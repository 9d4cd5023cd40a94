// Sends chosen or dropped files one by one and shows how far each has come. Without this file the form sends them together.
// All words come from the form's data attributes, where they are translated.

const form = document.querySelector("form.upload");
const AT_ONCE = 2;

if (form) {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-list]");
  const say = form.querySelector("[data-say]");
  const waiting = [];
  let running = 0;

  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  for (const name of ["dragover", "drop"]) {
    // Anywhere on the page, or a file that misses the field would replace the page.
    addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      if (name === "drop") take([...event.dataTransfer.files]);
      form.querySelector(".drop").classList.toggle("is-over", name === "dragover");
    });
  }
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.querySelector(".drop").classList.remove("is-over");
  });
  document.querySelector("[data-choose]")?.addEventListener("click", (event) => {
    event.preventDefault();
    input.click();
  });
  addEventListener("beforeunload", (event) => {
    if (running) event.preventDefault();
  });

  function take(files) {
    for (const file of files) {
      const item = entry(file);
      list.prepend(item.row);
      if (file.size > Number(form.dataset.limit)) item.fail(form.dataset.large, false);
      else waiting.push(item);
    }
    next();
  }

  function next() {
    while (running < AT_ONCE && waiting.length) send(waiting.shift());
  }

  function send(item) {
    running += 1;
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("file", item.file);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && item.progress(event.loaded / event.total));
    request.addEventListener("load", () => {
      const answer = request.response ?? {};
      if (request.status >= 200 && request.status < 300) item.done(answer.duplicate);
      else item.fail(answer.detail ?? form.dataset.lost, request.status >= 500);
      finished();
    });
    request.addEventListener("error", () => {
      item.fail(form.dataset.lost, true);
      finished();
    });
    request.send(body);
  }

  function finished() {
    running -= 1;
    refresh();
    if (!running && !waiting.length) say.textContent = form.dataset.all;
    next();
  }

  function refresh() {
    if (document.getElementById("rows")) htmx.trigger(document.body, "uploaded");
    else if (!running && !waiting.length && !list.querySelector("[data-state=failed]")) location.reload(); // the first documents: the page has no table yet
  }

  function entry(file) {
    const row = document.createElement("li");
    const name = Object.assign(document.createElement("b"), { textContent: file.name, dir: "auto", title: file.name });
    const state = Object.assign(document.createElement("span"), { className: "small sub", textContent: form.dataset.waiting });
    const bar = svg("svg", { class: "bar", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" });
    const filled = svg("rect", { width: "0", height: "6" });
    bar.append(filled);
    row.append(name, state, bar);
    const item = {
      file,
      row,
      progress(share) {
        filled.setAttribute("width", String(Math.round(100 * share)));
        state.textContent = `${Math.round(100 * share)} %`;
      },
      done(duplicate) {
        row.dataset.state = "done";
        bar.remove();
        state.textContent = duplicate ? form.dataset.duplicate : form.dataset.done;
      },
      fail(sentence, again) {
        row.dataset.state = "failed";
        bar.remove();
        state.textContent = "";
        const words = Object.assign(document.createElement("p"), { className: "small", textContent: sentence, dir: "auto" });
        row.append(words);
        say.textContent = `${file.name}: ${sentence}`;
        if (!again) return;
        const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn--small", textContent: form.dataset.again });
        button.addEventListener("click", () => {
          row.remove();
          take([file]);
        });
        state.replaceWith(button);
      },
    };
    return item;
  }

  function svg(name, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }
}
