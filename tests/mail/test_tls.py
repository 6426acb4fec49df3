"""SMTP over TLS, from the first byte and after STARTTLS, with a certificate that only these tests trust."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import replace
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from odziv.mail.smtp import NoService, send
from odziv.settings.mail import Server, Smtp
from tests.mail.conftest import ANNA, OURS, FakeSmtpServer, free_port

pytestmark = pytest.mark.imap  # openssl, which makes the certificate, comes with Dovecot


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*make.split(), *files], check=True, capture_output=True)
    return folder


@pytest.fixture(params=["tls", "starttls"])
def server(request, certificate):
    """A server that takes mail only over TLS, and only from whoever knows the password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    smtp, is_start = FakeSmtpServer(), request.param == "starttls"

    def check(server, session, envelope, mechanism, data) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"help", b"right"), handled=False)

    class Secured(Controller):
        def factory(self) -> SMTP:
            if not is_start:  # it doesn't see that the line is secured from the start
                return SMTP(self.handler, authenticator=check, auth_require_tls=False)
            return SMTP(
                self.handler, authenticator=check, auth_required=True, tls_context=context, require_starttls=True
            )

    port = free_port()
    controller = Secured(smtp, hostname="localhost", port=port, ssl_context=None if is_start else context)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
        controller.start()
    yield smtp, Server("", Smtp(host="localhost", port=port, security=request.param, user="help"))
    controller.stop()


def mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = OURS, ANNA, "Hello"
    mail.set_content("Hello")
    return mail


def at_number(server: Server) -> Server:
    """The same by another name than its certificate has."""
    return replace(server, settings=server.settings.model_copy(update={"host": "127.0.0.1"}))


@pytest.fixture
def trusted(monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))


def test_mail_goes_out_over_tls_with_the_password(server, trusted, monkeypatch):
    smtp, settings = server
    monkeypatch.setenv("ODZIV_SMTP_PASSWORD", "right")
    send(settings, mail(), OURS, ANNA)
    assert [mail["Subject"] for mail in smtp.got] == ["Hello"]


def test_a_certificate_nobody_trusts_gets_neither_mail_nor_password(server, monkeypatch):
    smtp, settings = server
    monkeypatch.setenv("ODZIV_SMTP_PASSWORD", "right")
    with pytest.raises(NoService) as raised:
        send(settings, mail(), OURS, ANNA)
    assert raised.value.kind == "SSLCertVerificationError" and smtp.got == []


def test_a_certificate_of_another_name_is_refused(server, trusted, monkeypatch):
    smtp, settings = server
    monkeypatch.setenv("ODZIV_SMTP_PASSWORD", "right")
    with pytest.raises(NoService) as raised:
        send(at_number(settings), mail(), OURS, ANNA)
    assert raised.value.kind in {"SSLCertVerificationError", "ConnectionRefusedError"} and smtp.got == []


def test_a_wrong_password_is_told_by_its_kind(server, trusted, monkeypatch):
    smtp, settings = server
    monkeypatch.setenv("ODZIV_SMTP_PASSWORD", "wrong")
    with pytest.raises(NoService) as raised:
        send(settings, mail(), OURS, ANNA)
    assert raised.value.kind == "SMTPAuthenticationError" and smtp.got == []


def test_a_server_without_starttls_gets_nothing(running_smtp_server):
    plain = Server("", Smtp(host="localhost", port=running_smtp_server.port, security="starttls"))
    with pytest.raises(NoService) as raised:
        send(at_number(plain), mail(), OURS, ANNA)
    assert raised.value.kind == "SMTPNotSupportedError"
