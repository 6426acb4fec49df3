// What helps an agent to write an answer: saved replies, mentions, formatting, the knowledge base, and undo.

import { listen as listenForFormatting } from "./formatting.js";
import { listen as listenForHeld } from "./held.js";
import { listen as listenForKnowledge } from "./knowledge.js";
import { listen as listenForPicker } from "./picker.js";

for (const listen of [listenForPicker, listenForFormatting, listenForHeld, listenForKnowledge]) listen(document.body);
