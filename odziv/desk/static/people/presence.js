// Tells the server every half a minute that this page is open somewhere alive: an agent's claims hang on it.

const ALIVE = new URL("../../../alive", import.meta.url); // this is /desk/static/<version>/people/presence.js

function tell() {
  fetch(ALIVE, { cache: "no-store", redirect: "manual" }).catch(() => { /* the next one may get through */ });
}

setInterval(tell, 30000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) tell(); });
addEventListener("online", tell);
