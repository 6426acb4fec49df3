/** Types of `window.odziv`, the chat's one function. Docs: docs/widget.md. Copy this file into your project. */

export type OdzivLanguage = "sl" | "hr" | "pl" | "en";

export interface OdzivLook {
  /** The name at the top of the panel. */
  name?: string;
  /** The page's language counts first; after `update` or `setLanguage`, this one. */
  language?: OdzivLanguage;
  /** Any opaque CSS colour; made lighter or darker where text could not be read. */
  color?: string;
  theme?: "auto" | "light" | "dark";
  position?: "left" | "right";
  /** Words on the button, one for all languages or by language. */
  launcher?: string | Partial<Record<OdzivLanguage, string>>;
  /** Questions to press in an empty chat; as a text, divided by |. */
  questions?: string[] | string;
}

export interface OdzivOptions extends OdzivLook {
  /** The site's key in config.yml; may be left out where the script tag has data-site. */
  site?: string;
}

export interface OdzivMessage {
  seq: number;
  sender: "customer" | "bot" | "agent" | "system";
  text: string;
  html: string;
  buttons: { title: string; kind: string }[];
  answer: { article: string; language: OdzivLanguage; title: string; url: string; confidence: number } | null;
  agent: { name: string } | null;
  /** Who, having the e-mails in copy, wrote what has the sender "customer"; null for the customer themselves. */
  author: string | null;
  created_at: string;
}

export interface OdzivError {
  /** wrong_call, not_loaded, identity_refused, unknown_site, origin_not_allowed, or a code of the HTTP interface. */
  code: string;
  message?: string;
  article?: string;
}

export interface OdzivEvents {
  ready: undefined;
  opened: undefined;
  closed: undefined;
  message: OdzivMessage;
  handoff: undefined;
  resolved: undefined;
  error: OdzivError;
  /** A message by one of the site's rules. */
  proactive: { id: string; action: "shown" | "opened" | "dismissed" };
}

export interface Odziv {
  (command: "boot", options?: OdzivOptions): void;
  (command: "update", options: OdzivLook): Promise<void> | null;
  (command: "setLanguage", language: OdzivLanguage): Promise<void> | null;
  (command: "show" | "hide" | "close" | "shutdown"): void;
  (command: "toggle"): Promise<void> | void;
  /** `article` is its path below the language, like "orders/return". */
  (command: "open", article?: string): Promise<void> | void;
  /** A JWT signed by your server; see docs/widget.md, "Who is who". */
  (command: "identify", token: string): void;
  (command: "setAttributes", values: Record<string, string | number | boolean>): void;
  /** Returns a function that ends it. */
  <E extends keyof OdzivEvents>(command: "on", event: E, listener: (detail: OdzivEvents[E]) => void): () => void;
  /** Calls made before the script has loaded. */
  q?: IArguments[];
}

declare global {
  interface Window {
    odziv: Odziv;
  }
  const odziv: Odziv;
}
