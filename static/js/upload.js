// Sends chosen or dropped files, three at a time, and shows in one list how far each has come, until it has been read. Large files go in
// pieces and go on where they were. Without this file the form sends the chosen files together.

import { chosen, dropped } from "./gather.js";
import { giveUp, Refused, refuses, sendInPieces } from "./tus.js";
import { UploadList } from "./uploadlist.js";

const AT_ONCE = 3;
const LARGE = 8 * 1024 * 1024;
const ASKED_AT_ONCE = 60;
const ASK_EVERY = 1500;
const SHOW_EVERY = 2000;

const form = document.querySelector("form.upload");
if (form) start();

function start() {
  const list = new UploadList(form);
  const { words } = list;
  const token = form.elements.csrfmiddlewaretoken.value;
  const waiting = [];
  let running = 0;
  let asking = false;
  let shown = 0;
  let loading = false;
  let missed = false;

  form.querySelector("#files").addEventListener("change", (event) => choose(event.target));
  form.querySelector("#folder-files").addEventListener("change", (event) => choose(event.target));
  for (const element of form.querySelectorAll("[data-script]")) element.hidden = false;
  document.querySelector("[data-choose]")?.addEventListener("click", (event) => {
    event.preventDefault();
    form.querySelector("#files").click();
  });
  for (const name of ["dragover", "drop"]) {
    // Anywhere on the page, or a file that misses the field would replace the page.
    addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      if (name === "drop") dropped(event.dataTransfer).then(take);
      form.querySelector(".drop").classList.toggle("is-over", name === "dragover");
    });
  }
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.querySelector(".drop").classList.remove("is-over");
  });
  addEventListener("beforeunload", (event) => {
    if (running || waiting.length) event.preventDefault();
  });
  list.onCancel = cancel;
  list.onAgain = again;
  form.querySelector("[data-cancel-all]").addEventListener("click", () => list.items.filter((item) => item.isOpen).forEach(cancel));
  form.querySelector("[data-retry-all]").addEventListener("click", () => list.items.filter((item) => item.canRetry).forEach(again));
  for (const button of form.querySelectorAll("[data-forget]")) button.addEventListener("click", () => forget(button.closest("li")));

  function choose(input) {
    take(chosen(input.files));
    input.value = "";
  }

  function take({ files, leftOut }) {
    const items = list.add(files);
    for (const item of items) {
      if (item.file.size > Number(form.dataset.limit)) item.fail(words.large, false);
      else waiting.push(item);
    }
    if (leftOut) list.say(words.leftOut.replace("{n}", leftOut));
    next();
  }

  function next() {
    while (running < AT_ONCE && waiting.length) send(waiting.shift());
    list.sum();
  }

  async function send(item) {
    running += 1;
    try {
      item.sent(await (item.file.size > LARGE ? sendLarge(item) : sendSmall(item)));
    } catch (error) {
      if (item.state === "sending") item.fail(error.message || words.lost, !(error instanceof Refused));
    }
    running -= 1;
    show();
    ask();
    next();
    if (!running && !waiting.length) list.say(words.all);
  }

  function sendSmall(item) {
    return new Promise((resolve, reject) => {
      const body = new FormData();
      body.append("csrfmiddlewaretoken", token);
      body.append("folder", item.folder);
      body.append("file", item.file);
      const request = new XMLHttpRequest();
      item.begin(() => request.abort());
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => item.progress(Math.min(event.loaded, item.file.size)));
      request.addEventListener("loadend", () => {
        const detail = request.response?.detail ?? "";
        if (request.status >= 200 && request.status < 300 && request.response) resolve(request.response);
        else reject(detail && refuses(request.status) ? new Refused(detail) : new Error(detail));
      });
      request.send(body);
    });
  }

  function sendLarge(item) {
    const aborting = new AbortController();
    item.begin(() => aborting.abort());
    item.address ??= brokenOff(item);
    return sendInPieces(item.file, {
      endpoint: form.dataset.uploads,
      address: item.address,
      metadata: { filename: item.file.name, collection: form.dataset.collection, folder: item.folder },
      token,
      signal: aborting.signal,
      begun: (address) => {
        item.address = address;
        localStorage.setItem(`upload:${idOf(address)}`, String(item.file.lastModified));
      },
      progress: (bytes) => item.progress(bytes),
      paused: () => item.pause(),
    }).then((done) => {
      localStorage.removeItem(`upload:${idOf(item.address)}`);
      return done;
    });
  }

  // The same name, size, folder and time of change: the same file, of which a part has arrived already.
  function brokenOff({ file, folder }) {
    const same = [...form.querySelectorAll("[data-upload]")].find(
      ({ dataset }) => dataset.name === file.name && Number(dataset.size) === file.size && dataset.folder === folder && localStorage.getItem(`upload:${dataset.upload}`) === String(file.lastModified),
    );
    if (!same) return undefined;
    drop(same);
    return `${form.dataset.uploads}/${same.dataset.upload}`;
  }

  async function forget(row) {
    await giveUp(`${form.dataset.uploads}/${row.dataset.upload}`, token);
    localStorage.removeItem(`upload:${row.dataset.upload}`);
    drop(row);
  }

  function drop(row) {
    const box = row.closest("[data-broken]");
    row.remove();
    if (!box.querySelector("li")) box.remove();
  }

  async function cancel(item) {
    const { state, address, id } = item;
    item.cancel();
    const place = waiting.indexOf(item);
    if (place >= 0) waiting.splice(place, 1);
    if (state === "reading") await stopReading(id);
    else if (address) await giveUp(address, token);
    item.address = undefined;
    next();
  }

  async function stopReading(id) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: token });
    await fetch(form.dataset.stop.replace("00000000-0000-0000-0000-000000000000", id), { method: "POST", body, redirect: "manual" }).catch(() => undefined);
    show();
  }

  function again(item) {
    item.reset();
    waiting.push(item);
    next();
  }

  // Asks how far those that were sent have come, a few at a time, until all are finished.
  async function ask() {
    if (asking) return;
    asking = true;
    for (;;) {
      const open = list.items.filter((item) => item.state === "reading").slice(0, ASKED_AT_ONCE);
      if (!open.length) break;
      await askFor(open);
      list.sum();
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
    }
    asking = false;
    show();
  }

  async function askFor(open) {
    const query = new URLSearchParams(open.map((item) => ["document", item.id]));
    try {
      const response = await fetch(`${form.dataset.progress}?${query}`, { headers: { Accept: "application/json" } });
      if (!response.ok) return;
      const found = new Map((await response.json()).items.map((row) => [row.id, row]));
      for (const item of open) item.read(found.get(item.id));
    } catch {
      // The line is gone for a moment; it is asked again.
    }
  }

  // The table of documents is brought up to date, but not for each of hundreds of files.
  async function show() {
    missed = loading;
    if (loading || (performance.now() - shown < SHOW_EVERY && (running || waiting.length))) return;
    shown = performance.now();
    if (document.getElementById("rows")) htmx.trigger(document.body, "uploaded");
    // The first documents: the page has no table yet.
    else if (list.items.some((item) => item.isSent)) {
      loading = true;
      await htmx.ajax("GET", location.href, { target: ".lib__main", select: ".lib__main", swap: "outerHTML" });
      loading = false;
      if (missed) show();
    }
  }
}

function idOf(address) {
  return address.split("/").filter(Boolean).pop();
}
