// Gathers files from a choice or a drop, each with the folder it lay in. Files that systems put into folders for themselves are left out.

const LITTER = new Set(["thumbs.db", "desktop.ini"]);

export function chosen(files) {
  return sorted([...files].map((file) => ({ file, folder: folderOf(file.webkitRelativePath) })));
}

// The entries must be taken before anything is awaited, as the drop is empty afterwards.
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return chosen(transfer.files);
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  return sorted(found);
}

function sorted(found) {
  const kept = found.filter(({ file }) => !file.name.startsWith(".") && !LITTER.has(file.name.toLowerCase()));
  return { files: kept, leftOut: found.length - kept.length };
}

function folderOf(path) {
  return path ? path.split("/").slice(0, -1).join("/") : "";
}

async function walk(entry, folder, found) {
  if (entry.isFile) {
    found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), folder });
    return;
  }
  const reader = entry.createReader();
  const inside = folder ? `${folder}/${entry.name}` : entry.name;
  // A reader gives a hundred entries at a time.
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return;
    for (const child of batch) await walk(child, inside, found);
  }
}
