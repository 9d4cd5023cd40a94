// The list of files on their way: one row a file, and the sum of all of them. Rows are copies of the page's template, words come from
// the page, where they are translated.

const UNITS = ["kilobyte", "megabyte", "gigabyte"];

function size(bytes) {
  const power = Math.min(Math.max(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), 1), UNITS.length);
  const style = { style: "unit", unit: UNITS[power - 1], maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(bytes / 1024 ** power);
}

export class UploadList {
  constructor(form) {
    this.items = [];
    this.list = form.querySelector("[data-list]");
    this.panel = form.querySelector("[data-panel]");
    this.live = form.querySelector("[data-say]");
    this.template = form.querySelector("template[data-row]").content.firstElementChild;
    this.words = {};
    for (const word of form.querySelector("template[data-words]").content.children) Object.assign(this.words, { [Object.keys(word.dataset)[0]]: word.textContent });
    this.list.addEventListener("click", (event) => {
      const item = this.items.find(({ row }) => row.contains(event.target));
      if (event.target.closest("[data-cancel]")) this.onCancel(item);
      if (event.target.closest("[data-again]")) this.onAgain(item);
    });
  }

  add(files) {
    const items = files.map((found) => new UploadItem(this.template.cloneNode(true), found, this.words, this));
    const rows = document.createDocumentFragment();
    rows.append(...items.map(({ row }) => row));
    this.list.append(rows);
    this.items.push(...items);
    this.panel.hidden = !this.items.length;
    return items;
  }

  say(sentence) {
    this.live.textContent = sentence;
  }

  // Once a frame at most, however many files report.
  sum() {
    this.due ??= requestAnimationFrame(() => {
      this.due = undefined;
      this.#draw();
    });
  }

  #draw() {
    const counted = this.items.filter(({ state }) => state !== "cancelled");
    const number = (test) => counted.filter(test).length;
    const bytes = counted.reduce((sum, item) => sum + item.bytes, 0);
    const all = counted.reduce((sum, item) => sum + item.file.size, 0);
    const values = {
      sent: number((item) => item.isSent),
      all: counted.length,
      bytes: size(bytes),
      size: size(all),
      ready: number(({ state }) => state === "ready" || state === "poor"),
      failed: number(({ state }) => state === "failed"),
    };
    this.panel.querySelector("[data-total]").textContent = this.words.total.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    this.panel.querySelector("[data-total-bar]").setAttribute("width", String(all ? (100 * bytes) / all : 0));
    this.panel.querySelector("[data-cancel-all]").hidden = !this.items.some((item) => item.isOpen);
    this.panel.querySelector("[data-retry-all]").hidden = number((item) => item.canRetry) < 2;
  }
}

class UploadItem {
  constructor(row, { file, folder }, words, list) {
    Object.assign(this, { row, file, folder, words, list, bytes: 0, id: "", address: undefined, stop: undefined });
    const name = row.querySelector(".upload__name");
    name.textContent = file.name;
    name.title = folder ? `${folder}/${file.name}` : file.name;
    row.querySelector(".upload__where").textContent = [folder, size(file.size)].filter(Boolean).join(", ");
    row.querySelector("[data-cancel] .vh").append(`: ${file.name}`);
    this.bar = row.querySelector(".bar rect");
    this.label = row.querySelector("[data-state]");
    this.reset();
  }

  get isOpen() {
    return ["waiting", "sending", "reading"].includes(this.state);
  }

  get isSent() {
    return Boolean(this.id);
  }

  reset() {
    this.#set("waiting", this.words.waiting);
    this.#complain("");
    this.retry = false;
  }

  begin(stop) {
    this.stop = stop;
    this.#set("sending", this.words.sending.replace("{percent}", "0"));
  }

  progress(bytes) {
    if (this.state !== "sending") return;
    this.bytes = bytes;
    const share = this.file.size ? Math.floor((100 * bytes) / this.file.size) : 100;
    this.bar.setAttribute("width", String(share));
    this.label.textContent = this.words.sending.replace("{percent}", share);
    this.list.sum();
  }

  pause() {
    if (this.state === "sending") this.label.textContent = this.words.pausing;
  }

  sent({ id, duplicate }) {
    if (this.state !== "sending") return;
    this.id = id;
    this.bytes = this.file.size;
    if (duplicate) this.#set("ready", this.words.duplicate);
    else this.#set("reading", this.words.sent);
    this.bar.setAttribute("width", "0");
  }

  // What the server says of the document; nothing once it has been deleted.
  read(found) {
    if (this.state !== "reading") return;
    if (!found || found.state === "cancelled") {
      this.#set("cancelled", this.words.cancelled);
      return;
    }
    if (found.state === "running") {
      this.label.textContent = found.doing;
      this.bar.setAttribute("width", String(found.percent));
      return;
    }
    this.#set(found.state, this.words[found.state]);
    if (found.state === "failed") this.#complain(found.detail);
    const link = Object.assign(document.createElement("a"), { href: found.href, textContent: this.file.name });
    this.row.querySelector(".upload__name").replaceChildren(link);
  }

  fail(sentence, retry) {
    this.retry = retry;
    this.bytes = 0;
    this.#set("failed", this.words.failed);
    this.#complain(sentence);
    this.list.say(`${this.file.name}: ${sentence}`);
  }

  get canRetry() {
    return this.state === "failed" && this.retry;
  }

  cancel() {
    this.#set("cancelled", this.words.cancelled);
    this.bytes = 0;
    this.stop?.();
  }

  #set(state, label) {
    this.state = state;
    this.row.dataset.state = state;
    this.label.textContent = label;
    this.row.querySelector("[data-cancel]").hidden = !this.isOpen;
    this.row.querySelector("[data-again]").hidden = !(this.canRetry || state === "cancelled" && !this.id);
    this.row.querySelector(".bar").classList.toggle("is-hidden", !this.isOpen);
    this.list.sum();
  }

  #complain(sentence) {
    const words = this.row.querySelector("p");
    words.textContent = sentence;
    words.hidden = !sentence;
  }
}
