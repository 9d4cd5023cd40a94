// Sends one large file in pieces by the tus protocol (https://tus.io), so that it goes on where it was after a lost connection or a
// reload. No words and no elements of the page: whoever calls shows what is reported.

const PIECE = 8 * 1024 * 1024;
const PAUSES = [1000, 2000, 4000, 8000, 15000, 30000];

export class Refused extends Error {}

// Resolves to {id, duplicate} of the document. `begun(address)` hears where the upload is, `progress(bytes)` how much has arrived, and
// `paused()` that the line is gone and will be tried again. Rejects with `Refused` and the server's sentence, or when `signal` aborts.
export async function sendInPieces(file, { endpoint, address, metadata, token, signal, begun, progress, paused }) {
  let failures = 0;
  for (;;) {
    try {
      if (!address) {
        address = await begin(endpoint, file, metadata, token, signal);
        begun(address);
      }
      let { offset, done } = await standing(address, signal);
      while (!done) {
        progress(offset);
        ({ offset, done } = await sendPiece(address, file, offset, token, signal, progress));
        failures = 0;
      }
      return done;
    } catch (error) {
      if (error instanceof Refused || signal.aborted) throw error;
      if (error.gone) address = undefined;
      paused();
      await pause(PAUSES[Math.min(failures++, PAUSES.length - 1)], signal);
    }
  }
}

export async function giveUp(address, token) {
  await fetch(address, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": token } }).catch(() => undefined);
}

async function begin(endpoint, file, metadata, token, signal) {
  const pairs = Object.entries(metadata).map(([key, value]) => `${key} ${base64(value)}`);
  const headers = { "Tus-Resumable": "1.0.0", "Upload-Length": String(file.size), "Upload-Metadata": pairs.join(","), "X-CSRFToken": token };
  const response = await fetch(endpoint, { method: "POST", headers, signal });
  if (response.status === 404) throw new Refused(detail(await response.text()));
  await check(response);
  return new URL(response.headers.get("Location"), location.href).pathname;
}

async function standing(address, signal) {
  const response = await fetch(address, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0" }, signal, cache: "no-store" });
  if (response.status === 404 || response.status === 410) throw Object.assign(new Error("gone"), { gone: true });
  await check(response);
  return read(response.headers);
}

// By XMLHttpRequest, as fetch does not tell how much of a body has been sent.
function sendPiece(address, file, offset, token, signal, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PATCH", address);
    const headers = { "Tus-Resumable": "1.0.0", "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream", "X-CSRFToken": token };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    const abort = () => request.abort();
    signal.addEventListener("abort", abort, { once: true });
    request.upload.addEventListener("progress", (event) => progress(offset + event.loaded));
    request.addEventListener("loadend", () => {
      signal.removeEventListener("abort", abort);
      if (request.status === 204) resolve(read({ get: (name) => request.getResponseHeader(name) }));
      else if (refuses(request.status)) reject(new Refused(detail(request.responseText)));
      else reject(new Error(String(request.status)));
    });
    request.send(file.slice(offset, offset + PIECE));
  });
}

function read(headers) {
  const id = headers.get("Toulmin-Document");
  return { offset: Number(headers.get("Upload-Offset")), done: id ? { id, duplicate: headers.get("Toulmin-Duplicate") === "true" } : undefined };
}

async function check(response) {
  if (response.ok) return;
  if (refuses(response.status)) throw new Refused(detail(await response.text()));
  throw new Error(String(response.status));
}

// Whether to send the same once more is of no use. It is where an offset did not fit (409), a piece was changed on its way (460), or a
// server is busy (429 and above 500).
export function refuses(status) {
  return status >= 400 && status < 500 && ![404, 408, 409, 410, 423, 425, 429, 460].includes(status);
}

function detail(text) {
  try {
    return JSON.parse(text).detail ?? "";
  } catch {
    return "";
  }
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
