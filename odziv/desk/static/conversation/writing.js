// What helps an agent to write an answer: saved replies, mentions, formatting, the knowledge base, and undo.

import { say } from "./composer.js";
import { listen as listenForFormatting } from "./formatting.js";
import { listen as listenForScheduled } from "./scheduled.js";
import { listen as listenForKnowledge } from "../knowledge/knowledge.js";
import { listen as listenForPicker } from "./picker.js";

document.body.addEventListener("input", (event) => { if (event.target.id === "text") say(""); });
document.body.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt.id === "composer") say(""); });
for (const listen of [listenForPicker, listenForFormatting, listenForScheduled, listenForKnowledge]) listen(document.body);
