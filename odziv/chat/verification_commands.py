"""`flask --app server identity …`: the secrets by which sites verify who their customers are."""

from __future__ import annotations

import click
from flask.cli import AppGroup, with_appcontext

from odziv.chat.verification import key_file, make_secret, read_keys, retire_secret
from odziv.settings import BadSetting, Settings
from odziv.web.services import services

identity_group = AppGroup("identity", help="The secrets that sites sign their customers' tokens with.")


@identity_group.command("make-secret")
@click.argument("site")
@with_appcontext
def make_site_secret(site: str) -> None:
    """Makes a secret for SITE beside its older ones, and prints it: for the site's server, and nobody else."""
    settings = _settings(site)
    try:
        kid, secret = make_secret(settings, site)
    except BadSetting as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"kid     {kid}\nsecret  {secret}\naud     {site}")
    click.echo(f"Kept in {key_file(settings, site)}; it counts at once. See docs/widget.md, Who is who.", err=True)


@identity_group.command("list")
@click.argument("site")
@with_appcontext
def list_site_secrets(site: str) -> None:
    """Prints the kids of SITE's secrets, the newest first."""
    for kid in read_keys(_settings(site), site):
        click.echo(kid)


@identity_group.command("retire")
@click.argument("site")
@click.argument("kid")
@with_appcontext
def retire_site_secret(site: str, kid: str) -> None:
    """Takes a secret of SITE away: tokens signed with it are refused from now on."""
    if not retire_secret(_settings(site), site, kid):
        raise click.ClickException(f"{site} has no secret {kid} in the data folder")
    click.echo(f"{kid} counts no more.")


def _settings(site: str) -> Settings:
    settings = services().settings
    if site not in settings.sites:
        raise click.BadParameter(f"{site!r} is no site of config.yml", param_hint="SITE")
    return settings
