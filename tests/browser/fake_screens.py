"""The part of the fake interface behind the widget's screens: articles, contact, rating, transcript."""

from __future__ import annotations

import time

from flask import Blueprint, Response, jsonify, request

TITLES = {
    "en": {
        "orders/return": "Returning",
        "orders/refund-time": "When will I get my money?",
        "delivery/cost": "What delivery costs",
        "delivery/where": "Where is my parcel?",
        "payment/methods": "How can I pay?",
        "account/password": "I forgot my password",
    },
    "sl": {
        "orders/return": "Vračilo izdelka",
        "orders/refund-time": "Kdaj dobim vrnjen denar?",
        "delivery/cost": "Cena dostave",
        "delivery/where": "Kje je moj paket?",
        "payment/methods": "Načini plačila",
        "account/password": "Pozabljeno geslo",
    },
    "hr": {
        "orders/return": "Povrat proizvoda",
        "orders/refund-time": "Kada ću dobiti novac natrag?",
        "delivery/cost": "Cijena dostave",
        "delivery/where": "Gdje je moj paket?",
        "payment/methods": "Načini plaćanja",
        "account/password": "Zaboravljena lozinka",
    },
    "pl": {
        "orders/return": "Zwrot produktu",
        "orders/refund-time": "Kiedy otrzymam zwrot pieniędzy?",
        "delivery/cost": "Koszt dostawy",
        "delivery/where": "Gdzie jest moja paczka?",
        "payment/methods": "Metody płatności",
        "account/password": "Zapomniane hasło",
    },
}
BODY = (
    "<p>You have <strong>14 days</strong> from the day it came.</p><h2>How to send it</h2>"
    "<ol><li>Pack it well.</li><li>Fill in <a href='/help/en/orders/refund-time'>the form</a>.</li></ol>"
    "<p>We pay the money back within a week of getting it, the way you paid.</p>"
)


def refusal(status: int, code: str, retry_after: int | None = None) -> Response:
    """The interface's error shape."""
    response = jsonify({"error": {"code": code, "message": code}})
    response.status_code = status
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def entry(language: str, article: str) -> dict:
    """An article in a list."""
    title = TITLES[language][article]
    return {
        "article": article,
        "language": language,
        "title": title,
        "lead": "You have 14 days from the day it came.",
        "snippet": "You have 14 days from the day it came. Pack it well, and fill in the form.",
        "category": article.split("/")[0],
        "url": f"{request.host_url}help/{language}/{article}",
    }


def create_screens(fake) -> Blueprint:
    """The calls; `fake.refused` names those to fail: top, search, article, feedback, contact, back, transcript…"""
    calls = Blueprint("screens", __name__, url_prefix="/api/v1")

    def answer(name: str, body: dict, status: int = 200):
        return refusal(*fake.refused[name]) if name in fake.refused else (jsonify(body), status)

    @calls.get("/articles/top")
    def top():
        fake.calls["top"] += 1
        language = request.args["language"]
        return answer("top", {"language": language, "articles": [entry(language, name) for name in TITLES[language]]})

    @calls.get("/articles")
    def search():
        fake.searches.append(request.args.to_dict())
        time.sleep(fake.search_delay)
        language, words = request.args["language"], request.args["q"].lower()
        found = [entry(language, name) for name, title in TITLES[language].items() if words in title.lower()]
        return answer("search", {"language": language, "articles": found})

    @calls.get("/articles/<language>/<path:article>")
    def article(language: str, article: str):
        if article not in TITLES[language]:
            return refusal(404, "not_found")
        related = [entry(language, name) for name in ("orders/refund-time", "delivery/cost") if name != article]
        return answer("article", {"article": {**entry(language, article), "html": BODY, "related": related}})

    @calls.post("/articles/<language>/<path:article>/feedback")
    def feedback(language: str, article: str):
        fake.verdicts.append((f"{language}/{article}", request.json))
        return refusal(*fake.refused["feedback"]) if "feedback" in fake.refused else Response(status=204)

    @calls.post("/conversations/<conversation_id>/contact")
    def contact(conversation_id: str):
        fake.contacts.append(request.json)
        conversation = fake.conversations[conversation_id]
        if "contact" not in fake.refused:
            wait = {**(conversation["info"].get("wait") or {}), "asks_email": False}
            fake.set_status("queued", wait=wait)
        return answer("contact", {"conversation": conversation["info"]})

    @calls.post("/conversations/<conversation_id>/back")
    def back(conversation_id: str):
        fake.calls["back"] += 1
        conversation = fake.conversations[conversation_id]
        if "back" not in fake.refused:
            fake.set_status("bot")
            fake.say("The assistant answers you again.", "system")
        return answer("back", {"conversation": conversation["info"]})

    @calls.post("/conversations/<conversation_id>/rating")
    def rating(conversation_id: str):
        fake.ratings.append(request.json)
        return answer("rating", {"rating": {**request.json, "created_at": "2026-01-01T00:00:00.000Z"}}, 201)

    @calls.get("/conversations/<conversation_id>/transcript")
    def transcript(conversation_id: str):
        if request.headers.get("Authorization") != f"Bearer t-{conversation_id}":
            return refusal(401, "unauthorized")
        said = "\n".join(message["text"] for message in fake.conversations[conversation_id]["log"])
        return Response(f"Conversation\n\n{said}\n", mimetype="text/plain")

    @calls.get("/conversations/<conversation_id>/transcript/addresses")
    def addresses(conversation_id: str):
        return answer("addresses", {"emails": fake.addresses})

    @calls.post("/conversations/<conversation_id>/transcript/code")
    def code(conversation_id: str):
        fake.codes.append(request.json)
        return answer("code", {"email": request.json["email"]}, 202)

    @calls.post("/conversations/<conversation_id>/transcript")
    def mail_transcript(conversation_id: str):
        fake.transcripts.append(request.json)
        return answer("transcript", {"email": request.json["email"]}, 202)

    return calls
