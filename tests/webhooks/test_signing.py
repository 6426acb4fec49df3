"""Signatures are those of Standard Webhooks."""

from __future__ import annotations

from odziv.webhooks.signing import headers, sign

# Made with the reference library (standardwebhooks 1.1.0).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'


def test_a_signature_is_the_one_the_reference_library_makes():
    assert sign(SECRET, ID, AT, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_covers_id_time_body_and_secret():
    other = SECRET.replace("M", "N", 1)
    made = {sign(*each) for each in ((SECRET, ID, AT, BODY), (SECRET, "x", AT, BODY), (SECRET, ID, AT + 1, BODY))}
    made |= {sign(SECRET, ID, AT, BODY + " "), sign(other, ID, AT, BODY)}
    assert len(made) == 5


def test_it_goes_in_the_standards_headers():
    sent = headers(SECRET, ID, AT, BODY)
    assert (sent["webhook-id"], sent["webhook-timestamp"]) == (ID, str(AT))
    assert sent["webhook-signature"] == sign(SECRET, ID, AT, BODY)
