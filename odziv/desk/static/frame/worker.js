// The desk's service worker: shows notifications that come while the desk is closed, and a page of its own where the
// server can't be reached. No conversation is ever kept here.

const scope = new URL(self.registration.scope);
const OFFLINE = new URL("offline", scope).href;
const KEPT = "odziv-desk-offline";
const ICON = "@icon", BADGE = "@badge"; // the server puts their addresses here

// ---- Without a network -------------------------------------------------------------------------------------------

/** Keeps the page that is shown without a network, and its styles, in the language of whoever is signed in. */
async function keepOffline() {
  const kept = await caches.open(KEPT);
  const page = await fetch(OFFLINE, { cache: "no-store" });
  if (!page.ok) return;
  const styles = [...(await page.clone().text()).matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map((found) => found[1]);
  await Promise.all([kept.put(OFFLINE, page), ...styles.map((style) => kept.add(new URL(style, OFFLINE).href))]);
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepOffline().catch(() => { /* kept with the next start of the desk */ }));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (event.data === "keep-offline") event.waitUntil(keepOffline().catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(async (error) => (await caches.match(OFFLINE)) ?? Promise.reject(error)));
  } else if (request.destination === "style") {
    event.respondWith(fetch(request).catch(async (error) => (await caches.match(request)) ?? Promise.reject(error)));
  }
});

// ---- Notifications -----------------------------------------------------------------------------------------------

function read(event) {
  try { return event.data.json(); } catch { return {}; }
}

const windows = () => self.clients.matchAll({ type: "window" });

self.addEventListener("push", (event) => event.waitUntil((async () => {
  const told = read(event);
  // A page of the desk that is in front says it itself; browsers allow silence in this case alone.
  if (told.tag !== "odziv-try" && (await windows()).some((page) => page.focused)) return;
  await self.registration.showNotification(told.title ?? scope.host, {
    body: told.body ?? "",
    tag: told.tag ?? "odziv",
    renotify: true,
    icon: ICON,
    badge: BADGE,
    data: { path: told.path ?? "" },
  });
  await self.navigator.setAppBadge?.();
})()));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const wanted = new URL(event.notification.data?.path || "queue", scope);
    if (!wanted.href.startsWith(scope.href)) return;
    const open = await windows();
    const page = open.find(({ url }) => new URL(url).pathname === wanted.pathname) ?? open[0];
    if (!page) return void await self.clients.openWindow(wanted.href);
    await page.focus();
    if (new URL(page.url).pathname !== wanted.pathname) await page.navigate(wanted.href);
  })());
});
