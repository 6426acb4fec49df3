/* Files to be sent, and those of the conversation. Fetched when the first one is met.
 *
 * They are fetched with the token, like all else, and drawn on a canvas: a page's policy (img-src) need not allow our
 * pictures then. Opened, they are a blob: of this browser, a PDF is saved; there is no address with a key in it.
 */

import { exclusively } from "./attempts.js";
import { el, fill, icon } from "./elements.js";

const MOST = 5;
const MOST_BYTES = 10485760; // what a server takes unless it says otherwise
const SHOWN = /^image\/(png|jpeg|gif|webp)$/;
const THUMB = 240; // px, the longer side

const FILE_TEXTS = TEXTS.files;

const LOOK = `
.body:empty{display:none}
.files{list-style:none;margin:6px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:6px;max-width:100%}
.own .files{justify-content:flex-end}
.file{display:flex;align-items:center;gap:10px;max-width:260px;min-height:48px;padding:8px 14px;border-radius:14px;background:var(--raised);
  box-shadow:0 0 0 1px var(--line);color:var(--text);font-size:14px;line-height:1.3;text-align:start}
button.file:hover{box-shadow:0 0 0 1.5px var(--strong)}
.file:has(canvas){flex-direction:column;align-items:stretch;gap:0;padding:0;overflow:hidden}
.file canvas{display:block;max-width:100%;height:auto;margin:auto}
.file canvas+span{padding:7px 12px;border-top:1px solid var(--line)}
.file>span{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.file small{font-size:12.5px;color:var(--muted);white-space:nowrap}
.file svg{color:var(--strong)}
.over .files{margin:0 0 8px}.over .file{max-width:100%;padding:0 0 0 12px;border-radius:12px}
.over .file:has(canvas){flex-direction:row;align-items:center;gap:10px;padding-inline-start:4px}
.over canvas{width:38px;height:38px;object-fit:cover;border-radius:9px;margin:0}.over canvas+span{padding:0;border:0}
.over .wrong{box-shadow:0 0 0 1px var(--danger)}.over .wrong{padding-block:6px}.over .wrong>span{white-space:normal}.over .wrong small{display:block;color:var(--danger);white-space:normal}
.over .consent_needed{box-shadow:0 0 0 1px var(--line)}.over .consent_needed small{color:var(--muted)}
.over .file button{width:44px;height:44px;flex:none;font-size:20px;color:var(--muted)}
.over progress{width:56px;height:6px;accent-color:var(--strong)}`;

const sizeOf = (bytes) => (bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`);

async function paint(blob, longest) {
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = el("canvas", { "aria-hidden": "true", width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export class Files {
  constructor(widget) {
    Object.assign(this, { widget, conversation: widget.conversation, texts: FILE_TEXTS[widget.language], chosen: [], known: new Map() });
    widget.host.dress(LOOK);
    this.list = el("ul", { class: "files", "aria-label": this.texts.files, hidden: true });
    widget.place("over", this.list);
    const { composer } = widget;
    const submit = composer.submit.bind(composer);
    composer.files = () => this.ids();
    composer.submit = () => (this.chosen.some((file) => file.request) ? widget.announce(this.texts.busy) : submit());
    widget.on("agreed", () => this.chosen.filter(({ problem }) => problem === "consent_needed").forEach((file) => this.upload(file)));
    this.render();
  }

  ids() { return this.chosen.filter((file) => file.id).map((file) => file.id); }

  // -- to be sent

  add(blobs) {
    for (const blob of blobs) {
      const file = { name: blob.name || "file", size: blob.size, blob, share: 0 };
      const isMany = this.chosen.filter((other) => !other.problem).length >= MOST;
      this.chosen.push(file);
      if (isMany) this.refuse(file, { code: "many" });
      else this.upload(file);
    }
    this.render();
    this.widget.composer.input.focus();
  }

  async upload(file) {
    file.problem = null;
    file.request = true; // from now on it is on its way
    try {
      if (!file.type) await this.prepare(file);
      if (this.widget.needsConsent) throw { code: "consent_needed" };
      await this.begin();
      const { attachment } = await this.post(file).catch((error) => this.postSmaller(file, error));
      this.known.set(attachment.id, { ...attachment, blob: file.blob });
      Object.assign(file, attachment);
      this.widget.announce(fill(this.texts.ready, file));
    } catch (error) {
      if (!this.chosen.includes(file)) return;
      if (error.code === "consent_needed") file.problem = error.code;
      else this.refuse(file, error);
      if (file.problem === "consent_needed") this.widget.askConsent(undefined, true);
    } finally {
      file.request = null;
      this.render();
    }
  }

  refuse(file, { code, kind }) {
    const problem = code === "busy" ? "away" : code; // the server's word for a full disk, or for a store that is away
    Object.assign(file, { problem: this.texts[problem] ? problem : "failed", kind });
    this.widget.announce(`${file.name}: ${this.tell(file)}`);
  }

  tell(file) { return fill(this.texts[file.problem], file); }

  async prepare(file) {
    const { prepare } = await import("./pictures.js");
    Object.assign(file, await prepare(file, MOST_BYTES));
    if (SHOWN.test(file.type)) paint(file.blob, THUMB).then((canvas) => { file.canvas = canvas; this.render(); }, () => {});
  }

  /** A server may take less than usual: a picture that is too large for it is drawn smaller, once. */
  async postSmaller(file, error) {
    if (error.code !== "attachment_too_large" || !SHOWN.test(file.type)) throw error;
    const { drawSmaller } = await import("./pictures.js");
    Object.assign(file, await drawSmaller(file, MOST_BYTES / 10).catch(() => { throw error; }));
    return this.post(file);
  }

  /** A file needs its conversation before the first message does; no other tab begins one meanwhile. */
  begin() {
    const { conversation } = this;
    return exclusively(conversation.shelf.key, async () => {
      conversation.adopt();
      if (!conversation.token) await conversation.begin();
    });
  }

  post(file) {
    const { api, id, token } = this.conversation;
    const form = new FormData();
    form.append("file", file.blob, file.name);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // fetch tells nothing of how far it is
      file.request = request;
      request.upload.onprogress = ({ loaded, total }) => { file.share = loaded / total; if (file.bar) file.bar.value = file.share; };
      request.onload = () => {
        const { attachment, error = {} } = request.response || {};
        if (request.status === 401 || request.status === 404) this.conversation.forget(token); // the next try begins anew
        if (attachment) resolve({ attachment });
        else reject(request.status === 413 ? { code: "attachment_too_large" } : error);
      };
      request.onerror = request.onabort = () => reject({});
      request.responseType = "json";
      request.open("POST", `${api.root}conversations/${id}/attachments`);
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.send(form);
    });
  }

  drop(file) {
    this.chosen = this.chosen.filter((other) => other !== file);
    if (file.request && file.request.abort) file.request.abort();
    this.render();
    this.widget.composer.input.focus();
  }

  render() {
    const { composer } = this.widget;
    this.list.hidden = !this.chosen.length;
    composer.over.hidden = this.list.hidden && !this.widget.consent;
    this.list.replaceChildren(...this.chosen.map((file) => this.row(file)));
    composer.onInput();
  }

  row(file) {
    const state = file.problem ? this.tell(file) : file.request ? "" : sizeOf(file.size); // the bar tells of an upload
    file.bar = file.request ? el("progress", { max: 1, value: file.share, "aria-label": `${this.texts.uploading} ${file.name}` }) : null;
    return el("li", { class: `file${file.problem ? " wrong " + file.problem : ""}` }, file.canvas || icon("page"),
      el("span", { dir: "auto" }, file.name, " ", el("small", {}, state)), file.bar,
      el("button", { type: "button", "aria-label": fill(this.texts.remove, file), click: () => this.drop(file) }, "×"));
  }

  // -- sent

  /** A message of ours that waits; its files are no longer to be sent with the next one. */
  showWaiting({ client_id, more }) {
    this.chosen = this.chosen.filter((file) => !more.attachments.includes(file.id) && !file.problem);
    this.render();
    const node = this.widget.log.items.get(client_id);
    const files = more.attachments.map((id) => this.known.get(id)).filter(Boolean);
    if (node && !node.querySelector(".files")) this.show(files, node.querySelector(".body"));
  }

  show(attachments, body) {
    const old = body.parentNode.querySelector(".files");
    if (old) old.remove();
    body.after(el("ul", { class: "files" }, ...attachments.map((attachment) => el("li", {}, this.button(attachment)))));
  }

  button(attachment) {
    const isShown = SHOWN.test(attachment.type);
    const kind = attachment.type.split("/").pop().toUpperCase();
    const label = `${fill(isShown ? this.texts.open : this.texts.save, attachment)}, ${kind}, ${sizeOf(attachment.size)}`;
    const button = el("button", { type: "button", class: "file", "aria-label": label, click: () => this.open(attachment, isShown) }, icon("page"),
      el("span", { dir: "auto" }, attachment.name, " ", el("small", {}, `${kind}, ${sizeOf(attachment.size)}`)));
    if (isShown) this.whenSeen(button, () => this.picture(attachment, button));
    return button;
  }

  /** Only what is scrolled to is fetched. */
  whenSeen(node, work) {
    const watcher = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      work();
    }, { root: this.widget.log.scroll, rootMargin: "300px" });
    watcher.observe(node);
  }

  async picture(attachment, button) {
    try {
      const canvas = await paint(await this.fetch(attachment), THUMB);
      button.firstChild.replaceWith(canvas);
    } catch (error) { /* its name stays, and a press tries again */ }
  }

  async fetch(attachment) {
    const known = this.known.get(attachment.id);
    if (known && known.blob) return known.blob;
    const { api, id, token } = this.conversation;
    const response = await api.request(`conversations/${id}/attachments/${attachment.id}`, { token });
    const blob = new Blob([await response.arrayBuffer()], { type: attachment.type }); // the type we know, never another
    this.known.set(attachment.id, { ...attachment, blob });
    return blob;
  }

  async open(attachment, isShown) {
    const blob = await this.fetch(attachment).catch(() => null);
    if (!blob) return this.widget.announce(this.texts.gone);
    const href = URL.createObjectURL(blob);
    const way = isShown ? { target: "_blank" } : { download: attachment.name };
    el("a", { href, ...way }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000);
  }
}
