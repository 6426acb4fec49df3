/* The site says who its customer is: fetched where a page calls odziv("identify", …). */

/** With `isWanted`, what they began on another device is looked for, once. */
export async function identify(conversation, identity, isWanted) {
  const { token } = conversation;
  if (!token && (!isWanted || conversation.soughtFor === identity)) return;
  try {
    await (token ? claim(conversation, identity) : seek(conversation, identity));
  } catch (error) {
    if (error.code === "another_person") {
      conversation.wipe(); // the page's customer has changed: what the one before wrote is not theirs
      return identify(conversation, identity, isWanted);
    }
    if (error.isGone) conversation.forget(token);
    else if (error.status) conversation.notify("error", error);
  }
}

/** This conversation is theirs; the token from before counts no more. */
async function claim(conversation, identity) {
  const { id, token } = conversation;
  const answer = await conversation.api.json(`conversations/${id}`, { method: "PATCH", token, body: { identity } });
  if (token !== conversation.token) return;
  conversation.shelf.change((record) => { record.token = answer.token; });
  Object.assign(conversation, { token: answer.token, isKnown: true });
  conversation.line.stop();
  conversation.refresh();
}

async function seek(conversation, identity) {
  conversation.soughtFor = identity;
  const body = { site: conversation.site, identity, resume: true };
  const answer = await conversation.api.json("conversations", { method: "POST", body });
  if (answer && !conversation.token) conversation.take(answer, identity);
}
