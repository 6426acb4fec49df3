"""The recipients of a reply that goes out by e-mail, as its agent sees and changes them before it is sent."""

from __future__ import annotations

import hashlib
from typing import Any

from flask_login import current_user

from odziv.cases.mails.mailboxes import find_mailbox, find_replaced
from odziv.cases.mails.recipients import choose_recipients, offer_recipients, write_list
from odziv.cases.mails.signature import write_signature
from odziv.store.conversations.conversation import Conversation
from odziv.store.mail.recipients import Recipients
from odziv.web.forms import Form, Text, Ticked
from odziv.web.services import services


class RecipientsForm(Form):
    """Lists of addresses as they were typed; `offered_to` is what stood in To, for one who changes nothing there."""

    to: Text = ""
    cc: Text = ""
    bcc: Text = ""
    offered_to: Text = ""
    to_all: Ticked = False


def offer(conversation: Conversation) -> dict[str, Any]:
    """What the composer shows of it; `recipients_mark` differs whenever that does, and is empty where nothing is."""
    offered = offer_recipients(services().store, services().settings, conversation)
    if offered is None:
        return {"offered_to": "", "in_copy": "", "known_addresses": (), "recipients_mark": ""}
    shown = write_list(offered.to), write_list(offered.others)
    settings = services().settings
    signature = write_signature(settings, conversation, current_user.agent)
    box = find_mailbox(settings, conversation)
    sent_from = box.address if box and len(settings.mailboxes) > 1 else ""
    is_replaced = find_replaced(settings, conversation) is not None
    mark = hashlib.sha256("\0".join((*shown, *offered.known, sent_from)).encode()).hexdigest()[:12]
    return {
        "sent_from": box.address if box and is_replaced else sent_from,
        "mailbox_is_replaced": is_replaced,
        "offered_to": shown[0],
        "in_copy": shown[1],
        "known_addresses": offered.known,
        "signature": signature,
        "recipients_mark": mark,
    }


def read_chosen(conversation: Conversation, sent: RecipientsForm) -> Recipients | None:
    """Whom the reply goes to; None where that is just the customer. Raises Refused."""
    # Unchanged it follows the customer's address, which may be another by now.
    to = [] if sent.to == sent.offered_to else [sent.to]
    store, settings = services().store, services().settings
    return choose_recipients(store, settings, conversation, to=to, cc=[sent.cc], bcc=[sent.bcc], to_all=sent.to_all)
