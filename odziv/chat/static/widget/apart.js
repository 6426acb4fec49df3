/* Keeps a page's keys and its dialogs from taking what is typed into the chat. Fetched with the chat.
 *
 * Pages listen on their document, often on the way down to the target (capture), before anything in the chat hears of it.
 * What comes first is a listener on window, so ours stops such events there and gives the chat a copy that stays inside.
 * A page's own listener on window, there before ours, hears them still; it may ask whether the element takes text. */

const HANDED_OVER = ("keydown keypress keyup beforeinput input paste copy cut compositionstart compositionupdate compositionend "
  + "dragenter dragover drop mousedown focus blur focusin focusout").split(" ");
const SCROLLED = "wheel touchstart touchmove touchend contextmenu selectstart dragstart".split(" "); // the browser sees to these itself
const MARKED = ":host{user-select:text!important;-webkit-user-select:text!important}"; // what <html> says would hold for the chat too
const FACTS = ("bubbles cancelable view detail key code location repeat isComposing ctrlKey shiftKey altKey metaKey button buttons "
  + "clientX clientY screenX screenY relatedTarget data inputType dataTransfer clipboardData").split(" ");
const BUSY = 1500; // ms after a key or a press in the chat, in which nobody else gets the focus without being asked
const MOST_RETURNS = 5; // times it is taken back from a page that doesn't give up

class Apart {
  constructor(widget) {
    Object.assign(this, { widget, host: widget.host, node: widget.panel.node, busyUntil: 0, taken: 0, dialogs: [] });
    const options = { capture: true, signal: widget.ended.signal };
    for (const type of ["pointerdown", "keydown"]) window.addEventListener(type, (event) => this.see(event), options); // before they are stopped
    for (const type of HANDED_OVER) window.addEventListener(type, (event) => this.handOver(event), options);
    for (const type of SCROLLED) window.addEventListener(type, (event) => this.isOurs(event) && event.stopImmediatePropagation(), { ...options, passive: true });
    this.host.addEventListener("odziv", () => this.comeBack(), options); // it was taken off the page, and is there again
    for (const type of ["toggle", "close"]) window.addEventListener(type, (event) => this.onDialog(event), options); // they don't bubble
    Object.defineProperty(this.host, "isContentEditable", { configurable: true, get: () => isField(this.host.shadowRoot.activeElement) });
    this.host.findDialog = () => this.findDialog();
    this.host.apartRules = this.host.dress(MARKED, this.host.apartRules);
    widget.on("opened", () => this.onOpened());
    import("./modal.js").then(({ Modal }) => { this.modal = new Modal(widget); }, () => {}); // it can be done without
    const path = [];
    for (let node = document.activeElement; node; node = node.shadowRoot?.activeElement) path.unshift(node);
    this.notice(path);
    this.settle();
  }

  isOurs(event) {
    const [target] = event.composedPath();
    return target instanceof Node && this.node.contains(target); // window hears of its own focus, too
  }

  handOver(event) {
    if (this.isTaking && event.relatedTarget === this.host) return event.stopImmediatePropagation(); // the page has heard that it lost it
    if (!this.isOurs(event)) return void (event.type === "focusin" && this.onFocus(event));
    event.stopImmediatePropagation();
    const [target] = event.composedPath();
    const copy = new event.constructor(event.type, { ...Object.fromEntries(FACTS.map((name) => [name, event[name]])), composed: false });
    Object.defineProperty(copy, "keyCode", { value: event.keyCode }); // 229 while something is composed
    if (event.type === "blur") this.onBlur(target);
    if (!target.dispatchEvent(copy)) event.preventDefault();
  }

  /** Whose turn it is: a press beside the chat, or Tab, leaves it. */
  see(event) {
    if (event.type === "pointerdown") {
      this.notice(event.composedPath());
      this.modal?.see(event);
    } else if (this.isDeafened(event)) this.takeBack(this.field);
    const isStaying = this.isOurs(event) && event.key !== "Tab" && event.key !== "Escape";
    this.busyUntil = isStaying ? Date.now() + BUSY : 0;
    this.taken = 0;
    const [target] = event.composedPath();
    this.field = isStaying && isField(target) ? target : null;
  }

  /** Whether a key found nobody, since the page has made the chat dead while somebody wrote: no blur tells of that. */
  isDeafened(event) {
    const isLost = this.field && event.composedPath()[0].matches?.("body,html") && Date.now() <= this.busyUntil;
    return isLost && this.modal?.isDead();
  }

  /** The field that is being written in has lost the focus, though nobody asked. */
  onBlur(field) {
    if (!isField(field) || Date.now() > this.busyUntil || this.isMoving) return;
    setTimeout(() => {
      const isFree = field.isConnected && field.offsetParent && document.hasFocus() && !this.host.shadowRoot.activeElement;
      if (isFree && Date.now() <= this.busyUntil && this.taken < MOST_RETURNS) this.takeBack(field);
    });
  }

  /** Whoever was writing when the page threw the chat out goes on, unless something else has the focus. */
  comeBack() {
    this.modal?.leave();
    const isFree = !document.activeElement || document.activeElement.matches("body,html");
    if (this.field && isFree && !this.isMoving && Date.now() <= this.busyUntil) this.takeBack(this.field);
  }

  takeBack(field) {
    this.taken += 1;
    this.settle();
    this.isTaking = true;
    field.focus({ preventScroll: true });
    if (!this.host.shadowRoot.activeElement && this.modal?.isDead()) {
      this.modal.enter();
      field.focus({ preventScroll: true });
    }
    this.isTaking = false;
  }

  /** A modal <dialog> makes all else dead to keys and presses: while one is open, the chat hangs in it. */
  onDialog({ target }) {
    if (!isDialog(target)) return;
    if (target.open) this.notice([target]);
    this.settle();
  }

  /** By a call of the page's it opens also where it can't be pressed. */
  onOpened() {
    this.settle();
    if (!this.modal?.isDead()) return;
    this.modal.enter();
    this.widget.panel.focusAfterSending();
  }

  onFocus(event) {
    const path = event.composedPath();
    this.notice(path);
    if (!path.includes(this.host)) this.modal?.rise(path[0]);
  }

  /** A dialog in a shadow root tells nobody outside that it is open; but it has the focus then, and the presses. */
  notice(path) {
    const dialog = path.map((node) => node.closest?.("dialog")).find((node) => node && node.matches(":modal"));
    if (!dialog || path.includes(this.host) || dialog === this.dialogs.at(-1)) return;
    if (!this.dialogs.includes(dialog)) for (const type of ["toggle", "close"]) dialog.addEventListener(type, () => this.settle(), { signal: this.widget.ended.signal });
    this.dialogs = [...this.dialogs.filter((each) => each !== dialog && each.isConnected), dialog];
    this.settle();
  }

  /** The innermost modal one that is open, or was opened last. */
  findDialog() {
    const dialogs = [...document.querySelectorAll("dialog[open]"), ...this.dialogs];
    return dialogs.filter((dialog) => dialog.isConnected && dialog.matches(":modal")).pop();
  }

  settle() {
    const field = this.host.shadowRoot.activeElement;
    this.isMoving = true;
    customElements.get("odziv-chat").putBack();
    if (field) field.focus({ preventScroll: true });
    this.isMoving = false;
  }
}

const isField = (node) => node instanceof Element && node.matches("textarea,input");

const isDialog = (node) => node instanceof HTMLDialogElement;

export const keepApart = (widget) => new Apart(widget);
