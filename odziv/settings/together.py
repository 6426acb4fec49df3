"""Whether settings fit each other: languages to those that are served, sites to those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odziv.settings.wrong import WrongValue

if TYPE_CHECKING:
    from odziv.settings.load import Settings, Site


def check_together(settings: Settings) -> None:
    """Raises ValueError for the first that does not; where the desk may have set it, WrongValue."""
    _check_usual_language(settings)
    for key, site in settings.sites.items():
        _check_languages_of_site(settings, key, site)
    _check_languages_of_names(settings)
    _check_languages_of_shares(settings)
    if len({settings.port, settings.rasa_port, settings.own_worker_port}) < 3:
        raise ValueError("port, rasa_port and worker_port must differ")
    _check_mailboxes(settings)
    _check_retention(settings)


def _check_usual_language(settings: Settings) -> None:
    served, usual = settings.languages, settings.default_language
    if usual not in served:
        raise WrongValue(
            "the language for when nothing tells which one a customer speaks is %(language)s; it has to be among "
            "those that are served",
            language=usual,
        ).in_file(f"default_language must be one of languages ({', '.join(served)}), not {usual}")


def _check_languages_of_site(settings: Settings, key: str, site: Site) -> None:
    for language in (*site.languages, *site.launcher, *site.greeting):
        if language not in settings.languages:
            raise WrongValue(
                "the website “%(site)s” has the language %(language)s, which is not among those that are served; "
                "take it out there first",
                site=site.name,
                language=language,
            ).in_file(f"sites.{key} names {language}, which is not one of languages")
    for language in settings.languages_of(site) if site.consent else ():
        if site.consent and language not in site.consent.text:
            raise ValueError(f"sites.{key}.consent.text lacks {language}; customers must be able to read it")


def _check_languages_of_names(settings: Settings) -> None:
    for category, names in settings.categories.items():
        if unserved := [language for language in names if language not in settings.languages]:
            raise WrongValue(
                "the category “%(category)s” has a name in the language %(language)s, which is not among those that "
                "are served; take it out there first",
                category=category,
                language=unserved[0],
            ).in_file(f"categories.{category} names {unserved[0]}, which is not one of languages")


def _check_languages_of_shares(settings: Settings) -> None:
    for key in ("answer_precision", "suggest_recall"):
        shares = getattr(settings, key)
        for language in shares if isinstance(shares, dict) else ():
            if language not in (*settings.languages, "default"):
                raise WrongValue(
                    "“How sure is sure” has a share for the language %(language)s, which is not among those that are "
                    "served; take it out there first",
                    language=language,
                ).in_file(f"{key} names {language}, which is not one of languages; take that line out")


def _check_mailboxes(settings: Settings) -> None:
    named = {f"mail.mailboxes.{name}": box for name, box in settings.mail.mailboxes.items()}
    for key, box in {"mail": settings.mail, **named}.items():
        if box.site and box.site not in settings.sites:
            raise WrongValue(
                "conversations by e-mail belong to the website “%(site)s”, which would be missing; choose another one "
                "under “E-mail” first",
                site=box.site,
            ).in_file(f"{key}.site must be one of sites ({', '.join(settings.sites)}), or empty for the first")
        if box.language and box.language not in settings.languages:
            raise WrongValue(
                "the language of a mail whose text doesn’t tell is %(language)s; it has to be among those that are "
                "served",
                language=box.language,
            ).in_file(f"{key}.language must be one of languages ({', '.join(settings.languages)}), or empty")


def _check_retention(settings: Settings) -> None:
    for name in settings.retention.sites:
        if name not in settings.sites:
            raise WrongValue(
                "“For how long what is kept” names the website “%(site)s”, which would be missing; take it out there "
                "first",
                site=name,
            ).in_file(f"retention.sites names {name}, which is not one of sites ({', '.join(settings.sites)})")
