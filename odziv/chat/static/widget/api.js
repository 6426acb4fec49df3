/* Calls of the HTTP interface. */

/** `status` 0 means that no answer came at all; `wait` is Retry-After in ms. */
export class ApiError extends Error {
  constructor(status, code, wait = 0) {
    super(`${status} ${code}`);
    Object.assign(this, { status, code, wait });
  }

  /** The token or the conversation has expired. */
  get isGone() {
    return this.status === 401 || (this.status === 404 && this.code !== "unknown_site");
  }
}

export class Api {
  constructor() {
    this.root = new URL("../../api/v1/", import.meta.url).href;
  }

  async request(path, { method = "GET", token, body, headers, signal } = {}) {
    const options = { method, signal, headers: { Accept: "application/json", ...headers }, credentials: "omit", cache: "no-store" };
    if (token) options.headers.Authorization = `Bearer ${token}`;
    if (body) Object.assign(options, { body: JSON.stringify(body) }).headers["Content-Type"] = "application/json";
    const response = await fetch(this.root + path, options).catch((cause) => {
      throw new ApiError(0, cause.name);
    });
    if (!response.ok) throw await this.explain(response);
    return response;
  }

  async explain(response) {
    const { error = {} } = await response.json().catch(() => ({}));
    const wait = Number(response.headers.get("Retry-After")) || 5;
    return new ApiError(response.status, error.code || "unknown", wait * 1000);
  }

  async json(path, options) {
    const stop = new AbortController();
    const alarm = setTimeout(() => stop.abort(), 15000);
    try {
      const response = await this.request(path, { ...options, signal: stop.signal });
      return response.status === 204 ? null : await response.json();
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0, "unreadable");
    } finally {
      clearTimeout(alarm);
    }
  }
}
