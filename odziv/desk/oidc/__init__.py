"""Signing in at an identity provider, by OpenID Connect."""
