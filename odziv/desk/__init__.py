"""The people's side: agents sign in, take conversations over from the bot, answer, and give them back."""

from odziv.desk.register import register

__all__ = ["register"]
