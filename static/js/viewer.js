// On the page of a document: brings the lit place into view, zooms the picture, turns pages by the arrow keys, and copies what is
// selected on a picture as clean text. Without this file the page stands at the width of its column and links turn it.

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const sheet = document.querySelector(".sheet");
const zoom = document.getElementById("zoom");

const lit = document.querySelector(".sheet .mark.is-active, .sheet mark, .sheet [aria-current], .sheet .is-lit") ?? document.querySelector(".panel .is-lit");
lit?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });

if (zoom) {
  zoom.value = sessionStorage.getItem("zoom") ?? "100";
  zoom.addEventListener("change", draw);
  draw();
}

// The size is the stylesheet's; only the picture must be sharper for it.
function draw() {
  if (!zoom.value) zoom.value = "100";
  sessionStorage.setItem("zoom", zoom.value);
  sheet.dataset.zoom = zoom.value;
  const image = sheet.querySelector(".pagepic image");
  const address = new URL(image.getAttribute("href"), location.href);
  if (Number(zoom.value) > 100) address.searchParams.set("width", "2400");
  else address.searchParams.delete("width");
  image.setAttribute("href", address.pathname + address.search);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const elsewhere = event.target !== document.body && !event.target.matches("main, .sheet__bar a");
  if (elsewhere || document.querySelector(":modal, :popover-open")) return;
  const forward = (event.key === "ArrowRight") === (document.dir !== "rtl");
  sheet?.querySelector(forward ? "a[rel=next]" : "a[rel=prev]")?.click();
});

// Lines of one block are one paragraph, rows of a table one line each. A word divided at the end of a line stays as it is printed.
document.addEventListener("copy", (event) => {
  const chosen = getSelection();
  if (!chosen.rangeCount || chosen.isCollapsed) return;
  const range = chosen.getRangeAt(0);
  const inside = range.commonAncestorContainer;
  const picture = (inside.nodeType === Node.TEXT_NODE ? inside.parentElement : inside).closest?.(".pagepic");
  if (!picture) return;
  event.clipboardData.setData("text/plain", selectedText(range, picture));
  event.preventDefault();
});

function selectedText(range, picture) {
  const blocks = [];
  for (const block of picture.querySelectorAll(".textlayer")) {
    if (!range.intersectsNode(block)) continue;
    let text = "";
    let row;
    for (const line of block.querySelectorAll("text")) {
      const words = range.intersectsNode(line) ? part(range, line.firstChild) : "";
      if (!words) continue;
      const parted = text.endsWith("\u00ad");
      if (parted) text = text.slice(0, -1);
      else if (text) text += line.dataset.row === undefined ? " " : line.dataset.row === row ? "\t" : "\n";
      text += words;
      row = line.dataset.row;
    }
    if (text) blocks.push(text);
  }
  return blocks.join("\n\n");
}

function part(range, node) {
  const start = range.startContainer === node ? range.startOffset : 0;
  const end = range.endContainer === node ? range.endOffset : node.data.length;
  return node.data.slice(start, end).trim();
}
