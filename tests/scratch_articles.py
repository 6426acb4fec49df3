"""A handful of articles for tests, and a way to write more."""

ARTICLES = {
    "en/orders/return": ("Return an item", ["how do I return something", "send boots back", "return shoes too small"],
                         "Use the returns form within 14 days.\n\n## Label\n\nPrint the label and stick it on."),
    "en/delivery/cost": ("Cost of delivery", ["how much is delivery", "what does shipping cost", "delivery price"],
                         "Delivery costs 3.90 EUR."),
    "en/account/password": ("Forgotten password", ["I forgot my password", "cannot log in", "new password please"],
                            "Ask for a link by e-mail."),
    "sl/orders/return": ("Vračilo izdelka", ["kako vrnem izdelek", "rad bi vrnil čevlje", "vracilo paketa"],
                         "Vrnete lahko v 14 dneh."),
    "sl/payment/methods": ("Načini plačila", ["kako lahko plačam", "ali sprejemate kartice", "placilo po povzetju"],
                           "Plačate lahko s kartico."),
}  # fmt: skip


def write(folder, name, title="Title", questions=(), body="Text.", **keys):
    """Write an article's file; returns its path."""
    path = folder / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"title: {title}", "questions:", *[f"  - {q}" for q in questions]] if questions else [f"title: {title}"]
    lines += [f"{key}: {value}" for key, value in ({"status": "published"} | keys).items()]
    path.write_text("\n".join(["---", *lines, "---", body, ""]), "utf-8")
    return path
