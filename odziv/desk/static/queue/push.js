// The desk on the home screen, and notifications while it is closed. What is shown then is in frame/worker.js.

import { text } from "../frame/text.js";

const { worker: WORKER, push: PUSH, key: KEY, token: TOKEN, session: SESSION, agent: AGENT } = document.querySelector("script[data-worker]").dataset;
const WANTED = `odziv-push-${AGENT}`;
const LOOKED = `odziv-push-looked-${AGENT}`;
const HOUR = 3_600_000;
const byId = (id) => document.getElementById(id);
const canWork = isSecureContext && "serviceWorker" in navigator;
const canPush = Boolean(KEY) && canWork && "PushManager" in window && "Notification" in window;
// An iPhone or iPad has them only in a desk that was added to its home screen.
const isInSafari = navigator.standalone === false;

function stored(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

function store(name, value) {
  try { if (value === null) localStorage.removeItem(name); else localStorage.setItem(name, value); } catch { /* blocked */ }
}

// ---- This browser and the server ----------------------------------------------------------------------------------

async function send(path, fields) {
  const body = new URLSearchParams({ ...fields, csrf_token: TOKEN });
  return fetch(PUSH + path, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "error" });
}

const registered = canWork ? navigator.serviceWorker.register(WORKER) : Promise.reject(new Error());
const registration = () => registered.then(() => navigator.serviceWorker.ready);
const present = async () => (await registration()).pushManager.getSubscription();

function isLongAgo() {
  const [at, session] = (stored(LOOKED) ?? "").split(" ");
  return session !== SESSION || Date.now() - Number(at) > HOUR;
}

async function tellServer(subscription, wanted) {
  const { endpoint, keys } = subscription.toJSON();
  return send("", { endpoint, p256dh: keys.p256dh, auth: keys.auth, ...(wanted ? { wanted: 1 } : {}) });
}

async function makeSubscription() {
  const options = { userVisibleOnly: true, applicationServerKey: KEY };
  const { pushManager } = await registration();
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    await (await pushManager.getSubscription())?.unsubscribe(); // made with a key that this server had once
    return pushManager.subscribe(options);
  }
}

/** Confirms that this browser is on; one that is another agent's here, or was removed, is turned off. */
async function confirm() {
  let subscription = await present();
  const wanted = stored(WANTED) === "1" && Notification.permission === "granted";
  const isNew = !subscription && wanted; // the browser has dropped it
  if (isNew) subscription = await makeSubscription();
  if (!subscription) return;
  const answer = await tellServer(subscription, isNew);
  if (answer.ok && !(await answer.json()).on) {
    store(WANTED, null);
    await subscription.unsubscribe();
  }
}

// ---- The switch, on the account's page ----------------------------------------------------------------------------

const BLOCKED = text("Your browser blocks notifications from this address. Allow them in its settings, beside the address, and try again.");

async function showSwitch() {
  const row = byId("push-switch");
  if (!row) return;
  if (!canPush || !(await registered.catch(() => null))) {
    byId("push-problem").textContent = isInSafari
      ? text("On an iPhone or iPad, add the desk to the home screen first: Share, then “Add to Home Screen”.")
      : text("This browser can’t notify you while the desk is closed.");
    return;
  }
  await confirm().catch(() => { /* not reached: it is as this browser knows it */ });
  const box = byId("push-on");
  box.checked = Boolean(await present()) && stored(WANTED) === "1";
  byId("push-try").hidden = !box.checked;
  row.hidden = false;
  box.addEventListener("change", () => turn(box));
  byId("push-try").addEventListener("click", tryIt);
}

async function turn(box) {
  byId("push-problem").textContent = "";
  box.disabled = true;
  const wanted = box.checked;
  try {
    if (wanted) await turnOn(); else await turnOff();
    location.reload(); // the list below is another
  } catch (error) {
    box.checked = !wanted;
    byId("push-problem").textContent = error.words ?? text("That did not work. Please try again.");
  } finally {
    box.disabled = false;
  }
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") throw Object.assign(new Error("blocked"), { words: BLOCKED });
  const subscription = await makeSubscription();
  const answer = await tellServer(subscription, true);
  if (!answer.ok) {
    await subscription.unsubscribe();
    throw new Error(answer.status);
  }
  store(WANTED, "1");
}

async function turnOff() {
  const subscription = await present();
  store(WANTED, null);
  if (!subscription) return;
  const answer = await send("/off", { endpoint: subscription.endpoint });
  if (!answer.ok) throw new Error(answer.status);
  await subscription.unsubscribe();
}

async function tryIt() {
  const subscription = await present();
  const answer = subscription && await send("/try", { endpoint: subscription.endpoint }).catch(() => null);
  byId("push-problem").textContent = answer?.ok
    ? text("It is on its way. It can take some seconds.")
    : text("That did not work. Turn it off and on again.");
}

// ---- Start --------------------------------------------------------------------------------------------------------

/** Once an hour, and in each new session. */
function lookAround() {
  if (!isLongAgo()) return;
  store(LOOKED, `${Date.now()} ${SESSION}`);
  // In the language of whoever is signed in now, and with the styles of today.
  registration().then(({ active }) => active.postMessage("keep-offline")).catch(() => { /* it has none */ });
  if (canPush && !byId("push-switch")) confirm().catch(() => { /* not reached; in an hour again */ });
}

registered.catch(() => { /* refused by the browser: the desk works without */ });
if (canWork) {
  navigator.clearAppBadge?.().catch(() => {});
  lookAround();
}
showSwitch();
