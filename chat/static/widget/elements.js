/* Small pieces everything is built of: elements, icons, filled-in texts. */

const ICONS = {
  chat: "M21 11.5a8.5 8.5 0 0 1-12.4 7.6L3 21l1.9-5.6A8.5 8.5 0 1 1 21 11.5ZM8.5 10h7M8.5 13.5h4.5",
  back: "m15 6-6 6 6 6",
  close: "M6 6l12 12M18 6 6 18",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.8-3.4 3.8-5.5 7.5-5.5s6.7 2.1 7.5 5.5",
  page: "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8l-5-5Zm0 0v5h5M9 13h6M9 17h4",
  clip: "m20 11.5-8.2 8.2a5 5 0 0 1-7-7L13 4.5a3.3 3.3 0 0 1 4.7 4.7l-8.2 8.2a1.7 1.7 0 0 1-2.4-2.4l7.6-7.5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  off: "M4 3l16 18M8.5 16a5 5 0 0 1 7 0M5 12.5a10 10 0 0 1 14 0M2 9a14 14 0 0 1 20 0M12 19.5h.01",
  spark: "M12 3.5c.9 4.6 3.4 7.1 8 8-4.6.9-7.1 3.4-8 8-.9-4.6-3.4-7.1-8-8 4.6-.9 7.1-3.4 8-8Z",
};

/** An element; attributes that are functions become listeners. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
export const initials = (name) => name.trim().split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
