/* What is kept in the browser, once the customer has written. */

import { attempt } from "./attempts.js";

/** What outlives a page: conversation id, token, last read message, unsent messages. One record a site. */
export class Shelf {
  constructor(site) {
    this.site = site;
    this.key = `odziv:${site}`;
    this.memory = null;
  }

  /** localStorage, else sessionStorage, else nothing: either may be switched off. */
  place() {
    return ["localStorage", "sessionStorage"].map((name) => attempt(() => window[name])).find(Boolean);
  }

  read() {
    return attempt(() => (this.place() ? JSON.parse(this.place().getItem(this.key)) : this.memory)) || {};
  }

  /** Read, change, write again without a pause, so that tabs don't overwrite each other. */
  change(edit) {
    const record = this.read();
    edit(record);
    this.memory = record; // has it for as long as the page lives, where nothing can be stored
    attempt(() => this.place().setItem(this.key, JSON.stringify(record)));
  }

  remove() {
    this.memory = null;
    attempt(() => this.place().removeItem(this.key));
    attempt(() => sessionStorage.removeItem("odziv:open"));
  }
}

/** Whether this tab's panel was open; kept only once there is a conversation. */
export const tab = {
  set: (isOpen) => attempt(() => sessionStorage.setItem("odziv:open", isOpen ? "1" : "")),
  wasOpen: () => attempt(() => sessionStorage.getItem("odziv:open")) === "1",
};
