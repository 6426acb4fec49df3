/* What every module may need that is no element. */

/** What `work` returns, or null where it throws. */
export function attempt(work) {
  try { return work(); } catch (refused) { return null; }
}

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only in secure contexts
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Not while another tab does; where Web Locks are missing, client ids still prevent doubles. */
export function exclusively(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}
