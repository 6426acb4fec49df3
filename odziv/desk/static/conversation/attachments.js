// Files for a reply: chosen, dropped or pasted; sent up at once, and with the message by their ids.

import { number, text } from "../frame/text.js";

const body = document.body;
const byId = (id) => document.getElementById(id);
let files = []; // { name, size, blob, type, picture, share (0–1), id, problem, request }

// ---- In words -----------------------------------------------------------------------------------------------

function sizeOf(bytes) {
  return bytes >= 1048576 ? `${number(Number((bytes / 1048576).toFixed(1)))} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`;
}

const REFUSALS = {
  attachment_type: () => text("Only pictures (PNG, JPEG, GIF, WebP) and PDF can be sent."),
  empty: () => text("The file is empty."),
  unreadable: (kind) => text("This browser can’t read %(kind)s pictures. Save the picture as JPEG, or send a screenshot of it.", { kind }),
};

function tell(words) {
  if (byId("attach-told")) byId("attach-told").textContent = words;
}

// ---- The row of files above the button -----------------------------------------------------------------------

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

function rowOf(file) {
  const name = element("span", "attachment-name", file.name);
  name.dir = "auto";
  const state = file.problem || (file.id ? sizeOf(file.size) : text("Uploading…"));
  const facts = element("span", "attachment-facts", name, " ", element("span", file.problem ? "attach-problem" : "attachment-size", state));
  const remove = element("button", "icon-button", "×");
  remove.type = "button";
  remove.ariaLabel = text("Remove %(name)s", { name: file.name });
  remove.addEventListener("click", () => drop(file));
  const row = element("li", `attach-item${file.problem ? " has-problem" : ""}`, facts);
  if (file.picture) row.prepend(file.picture);
  if (!file.id && !file.problem) row.append(barOf(file));
  row.append(remove);
  if (file.id) row.append(hiddenField(file.id));
  return row;
}

function barOf(file) {
  file.bar ||= element("progress", "");
  file.bar.max = 1;
  file.bar.value = file.share;
  file.bar.ariaLabel = text("Uploading %(name)s", { name: file.name });
  return file.bar;
}

function hiddenField(id) {
  const field = element("input", "");
  Object.assign(field, { type: "hidden", name: "attachment", value: id });
  return field;
}

function show() {
  if (!byId("attach")) return;
  byId("attach").hidden = !files.length;
  byId("attach-button").hidden = false;
  byId("attach-list").replaceChildren(...files.map(rowOf));
  byId("text").required = !files.some((file) => file.id);
}

function changed() {
  show();
  // desk.js gives a message that was changed after it failed a new id.
  byId("text")?.dispatchEvent(new Event("input", { bubbles: true }));
}

function drop(file) {
  file.request?.abort();
  files = files.filter((other) => other !== file);
  tell(text("%(name)s removed.", { name: file.name }));
  changed();
  byId("text")?.focus();
}

// ---- Sending up ---------------------------------------------------------------------------------------------

async function thumbnail(blob) {
  const picture = element("canvas", "attach-thumb"); // no address is needed for it, so no policy has to allow one
  const bitmap = await createImageBitmap(blob);
  const scale = Math.max(72 / bitmap.width, 72 / bitmap.height);
  picture.width = picture.height = 72;
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  picture.getContext("2d").drawImage(bitmap, (72 - width) / 2, (72 - height) / 2, width, height);
  picture.ariaHidden = "true";
  return picture;
}

function add(list) {
  const { url, most } = byId("attach")?.dataset ?? {};
  if (!url) return;
  for (const blob of list) {
    const file = { name: blob.name || text("file"), size: blob.size, blob, share: 0 };
    const isOneTooMany = files.filter((other) => !other.problem).length >= Number(most);
    if (isOneTooMany) file.problem = text("Not added: a message can have %(most)s files.", { most });
    files.push(file);
    tell(file.problem ? `${file.name}: ${file.problem}` : text("%(name)s is being uploaded.", { name: file.name }));
    if (!file.problem) send(file, url);
  }
  changed();
}

// The widget's own module says what it is, and makes of it what can be kept.
async function send(file, url) {
  const { bytes, pictures } = byId("attach").dataset;
  try {
    const { prepare } = await import(pictures);
    Object.assign(file, await prepare(file, Number(bytes)));
  } catch (refused) {
    return fail(file, REFUSALS[refused.code]?.(refused.kind) ?? text("Not uploaded. Please try again."));
  }
  if (!files.includes(file)) return; // taken out meanwhile
  file.size = file.blob.size;
  if (file.size > Number(bytes)) return fail(file, text("Too large: a file can have %(size)s.", { size: sizeOf(Number(bytes)) }));
  if (file.type.startsWith("image/")) thumbnail(file.blob).then((picture) => { file.picture = picture; show(); }, () => { /* the server says */ });
  upload(file, url);
}

function upload(file, url) {
  const form = new FormData();
  form.append("file", file.blob, file.name);
  const request = new XMLHttpRequest(); // fetch tells nothing of how far it is
  file.request = request;
  request.upload.onprogress = (event) => { file.share = event.loaded / event.total; if (file.bar) file.bar.value = file.share; };
  request.onload = () => finish(file, request);
  request.onerror = () => fail(file, text("Not uploaded: the server can’t be reached."));
  request.open("POST", url);
  request.setRequestHeader("X-CSRFToken", byId("composer").elements.csrf_token.value);
  request.setRequestHeader("HX-Request", "true"); // a refusal comes as one line
  request.send(form);
}

function finish(file, request) {
  if (request.status !== 201) {
    const words = new DOMParser().parseFromString(request.responseText, "text/html").body.textContent.trim();
    return fail(file, request.status < 500 && words ? words : text("Not uploaded. Please try again."));
  }
  const kept = JSON.parse(request.responseText);
  Object.assign(file, { id: kept.id, name: kept.name, size: kept.size });
  tell(text("%(name)s is ready to be sent.", { name: file.name }));
  changed();
}

function fail(file, problem) {
  file.problem = problem;
  tell(`${file.name}: ${problem}`);
  changed();
}

// ---- Chosen, dropped, pasted ----------------------------------------------------------------------------------

body.addEventListener("change", (event) => {
  if (event.target.id !== "attach-input") return;
  add([...event.target.files]);
  event.target.value = "";
});

body.addEventListener("paste", (event) => {
  const pasted = [...(event.clipboardData?.files ?? [])];
  if (event.target.id !== "text" || !pasted.length) return;
  event.preventDefault();
  add(pasted);
});

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
let leaves;
body.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault(); // else the browser would leave the desk and open the file
  byId("main").classList.add("is-dropping");
  clearTimeout(leaves);
  leaves = setTimeout(() => byId("main").classList.remove("is-dropping"), 300);
});
body.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  byId("main").classList.remove("is-dropping");
  add([...event.dataTransfer.files]);
});

// ---- Going out with the message --------------------------------------------------------------------------------

body.addEventListener("keydown", (event) => {
  if (event.target.id !== "text" || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  // desk.js sends what has words; files need none.
  if (!event.target.value.trim() && files.some((file) => file.id)) byId("composer").requestSubmit();
});

let sent = [];
body.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "composer") return;
  sent = files.filter((file) => file.id);
  if (!files.some((file) => !file.id && !file.problem)) return;
  event.preventDefault();
  byId("alerts").innerHTML = `<p class="alert">${text("Not sent yet: a file is still being uploaded.")}</p>`;
});

body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id !== "composer" || !event.detail.successful) return;
  files = files.filter((file) => !sent.includes(file) && !file.problem);
  show();
});

// The composer is exchanged when the conversation changes hands; what was being attached stays.
body.addEventListener("htmx:oobAfterSwap", show);
show();
