/* Small pieces everything is built of: elements, icons, filled-in texts. */

// The loader has these already: el(tag, attributes, ...children) and draw(line).
export const { el, draw, CHAT } = customElements.get("odziv-chat");

const ICONS = {
  chat: CHAT,
  back: "m15 6-6 6 6 6",
  close: "M6 6l12 12M18 6 6 18",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.8-3.4 3.8-5.5 7.5-5.5s6.7 2.1 7.5 5.5",
  page: "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8l-5-5Zm0 0v5h5M9 13h6M9 17h4",
  clip: "m20 11.5-8.2 8.2a5 5 0 0 1-7-7L13 4.5a3.3 3.3 0 0 1 4.7 4.7l-8.2 8.2a1.7 1.7 0 0 1-2.4-2.4l7.6-7.5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  off: "M4 3l16 18M8.5 16a5 5 0 0 1 7 0M5 12.5a10 10 0 0 1 14 0M2 9a14 14 0 0 1 20 0M12 19.5h.01",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4",
  go: "m9 6 6 6-6 6",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5h.01M15 9.5h.01",
  spark: "M12 3.5c.9 4.6 3.4 7.1 8 8-4.6.9-7.1 3.4-8 8-.9-4.6-3.4-7.1-8-8 4.6-.9 7.1-3.4 8-8Z",
};

export const icon = (name) => draw(ICONS[name]);
/** What of a text can be seen; "" where that is nothing. */
export const seen = (text) => (/[^\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{DI}\u2800]/u.test(text) ? text.trim() : "");
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
export const initials = (name) => name.trim().split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
