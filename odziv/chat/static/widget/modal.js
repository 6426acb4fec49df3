/* Makes the chat a modal dialog of its own where the page has made all else dead and there is no way in: `inert` on <html>,
 * or a modal <dialog> in a closed shadow root. Only while somebody presses or writes in the chat: then the page is dead.
 *
 * The dialog is in the chat's own shadow root, around all of it, so that the element itself stays where it is. */

const { el } = customElements.get("odziv-chat");

export class Modal {
  constructor(widget) {
    Object.assign(this, { widget, host: widget.host, root: widget.host.root, shell: el("dialog", { class: "shell", "aria-labelledby": "name" }), probe: el("i", { class: "probe", popover: "manual" }) });
    const { signal } = widget.ended;
    const options = { capture: true, signal };
    for (const type of ["mousedown", "click"]) window.addEventListener(type, (event) => this.finish(event), options);
    this.shell.addEventListener("close", () => this.leave(), { signal }); // Escape
    widget.on("closed", () => this.leave());
    signal.addEventListener("abort", () => this.leave());
    this.watcher = new MutationObserver(() => document.documentElement.inert || this.leave({ isWriting: true }));
    signal.addEventListener("abort", () => this.watcher.disconnect());
    this.host.modalRules = this.host.dress(RULES, this.host.modalRules);
    this.rise(document.activeElement);
  }

  /** The browser tells of a press on something dead as of one on what lies below it, or on the dialog's host. */
  see(event) {
    this.pressed = null;
    const path = event.composedPath();
    this.isLeaving = this.shell.open && !path.includes(this.root);
    if (this.isLeaving) return this.leave();
    if (path.includes(this.host) || !this.isAt(event)) return;
    if (path[0] !== document.documentElement && this.raisedOver !== path[0]) return this.rise(path[0]); // it may lie above
    if (!this.isDead()) return;
    event.stopImmediatePropagation();
    this.enter();
    this.pressed = this.host.shadowRoot.elementFromPoint(event.clientX, event.clientY);
  }

  /** The rest of such a press. */
  finish(event) {
    if (this.isLeaving && event.type === "mousedown") event.preventDefault(); // the focus is back where it was
    if (!this.pressed || event.composedPath().includes(this.host)) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    if (event.type === "click") this.pressed.closest("button,a,label,input,textarea,summary")?.click();
    else this.pressed.closest("button,a,input,textarea,[tabindex]")?.focus({ preventScroll: true });
  }

  /** Above a dialog that can't be entered, so that who presses where the chat is means the chat. */
  rise(element) {
    if (!isSealed(element) || !this.isDead()) return;
    this.raisedOver = element;
    try { this.host.hidePopover(); this.host.showPopover(); } catch (unsupported) { /* see putBack in widget.js */ }
  }

  isAt({ clientX, clientY }) {
    const boxes = [this.widget.panel.node, this.host.bubble].map((node) => node.getBoundingClientRect());
    return boxes.some(({ left, right, top, bottom }) => left <= clientX && clientX < right && top <= clientY && clientY < bottom);
  }

  /** Whether nothing of the chat's can be pressed, not even what lies above all: a point that is there and gone again. */
  isDead() {
    this.host.shadowRoot.append(this.probe);
    try {
      this.probe.showPopover();
      return this.host.shadowRoot.elementFromPoint(0, 0) !== this.probe;
    } catch (unsupported) {
      return false; // browsers before 2024
    } finally {
      this.probe.remove();
    }
  }

  enter() {
    if (this.shell.open) return;
    this.watcher.observe(document.documentElement, { attributeFilter: ["inert"] });
    this.host.shadowRoot.append(this.shell);
    this.shell.showModal(); // empty, so that nothing of the chat's gets the focus by itself
    this.move(this.shell);
  }

  /** `isWriting`: who has the focus in the chat keeps it. */
  leave({ isWriting = false } = {}) {
    if (!this.shell.isConnected) return;
    this.watcher.disconnect();
    const field = this.host.shadowRoot.activeElement;
    this.move(this.host.shadowRoot);
    this.shell.close();
    this.shell.remove();
    if (isWriting && field) field.focus({ preventScroll: true });
  }

  move(place) {
    place.append(this.root);
    this.widget.log.scrollDown(); // what was scrolled is at its top
  }
}

const RULES = ".shell{all:unset}.shell::backdrop{display:none}.probe{all:unset;position:fixed;top:0;left:0;width:1px;height:1px}";

/** Whether there may be a shadow root in it that nobody outside can look into. */
const isSealed = (node) => node instanceof HTMLElement && !node.shadowRoot && node.localName.includes("-");
