// Follows an answer while it is made. Every event carries a piece of the page that the server has rendered; pieces say where
// they belong, so that one that comes twice changes nothing. When the answer is there, the page that a reload would give
// takes this one's place.

const article = document.querySelector("[data-stream]");
const NEAR = 24; // pixels from the bottom within which the reasoning goes on scrolling by itself

function follow() {
  const trace = article.querySelector("#trace");
  const written = article.querySelector("#written");
  const thinking = article.querySelector("#thinking");
  const lost = article.querySelector("#lost");
  const said = Object.assign(document.createElement("p"), { className: "vh" });
  said.setAttribute("role", "status");
  document.body.append(said);
  const clock = countSeconds(article.querySelector("#elapsed"), Date.parse(article.dataset.begun));

  let have = 0;
  let last = "";
  let begun = false;
  let touched = false;
  let warning = 0;
  thinking.querySelector("summary").addEventListener("click", () => { touched = true; });

  const on = {
    steps: ({ html }) => { article.querySelector("#steps-at").innerHTML = html; },
    restart: () => { have = 0; trace.replaceChildren(); },
    trace: ({ at, text }) => {
      const fresh = text.slice(Math.max(have - at, 0));
      have = Math.max(have, at + text.length);
      const follows = trace.scrollHeight - trace.scrollTop - trace.clientHeight < NEAR;
      trace.append(fresh);
      if (follows) trace.scrollTop = trace.scrollHeight;
    },
    restart: () => {
      have = 0;
      trace.replaceChildren();
      if (!touched) thinking.open = true;
    },
    para: ({ from, html }) => {
      if (!begun && !touched) thinking.open = false;
      begun = true;
      while (written.children.length > from) written.lastElementChild.remove();
      written.insertAdjacentHTML("beforeend", html);
    },
    reset: () => written.replaceChildren(),
    done: (page) => finish(page, said, clock),
  };

  function listen() {
    const address = last ? `${article.dataset.stream}?after=${encodeURIComponent(last)}` : article.dataset.stream;
    const source = new EventSource(address);
    for (const [kind, act] of Object.entries(on)) {
      source.addEventListener(kind, (event) => {
        if (event.lastEventId) last = event.lastEventId;
        if (kind === "done") source.close();
        act(JSON.parse(event.data));
      });
    }
    source.addEventListener("open", () => { clearTimeout(warning); warning = 0; lost.hidden = true; });
    source.addEventListener("error", () => {
      warning ||= setTimeout(() => { lost.hidden = false; }, 1500);
      // The browser comes back by itself after a broken connection, but not after a refusal: then it is asked again here.
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    });
  }
  listen();
}

function countSeconds(place, begun) {
  const show = () => {
    const seconds = Math.max(Math.round((Date.now() - begun) / 1000), 0);
    place.textContent = place.dataset.say.replace("{seconds}", seconds);
  };
  show();
  return setInterval(show, 1000);
}

function finish({ layout, html }, said, clock) {
  clearInterval(clock);
  const main = document.getElementById("main");
  const before = main.querySelector("#written")?.getBoundingClientRect().top;
  main.className = layout;
  main.innerHTML = html;
  const after = main.querySelector("#written")?.getBoundingClientRect().top;
  // What is being read stays where it is, whatever came or went above it.
  if (scrollY > 0 && before !== undefined && after !== undefined) scrollBy(0, after - before);
  htmx.process(main);
  document.dispatchEvent(new CustomEvent("answer:finished"));
  said.textContent = (main.querySelector("#health") ?? main.querySelector(".notice .strong"))?.textContent ?? "";
}

if (article) follow();
