"""Sends notifications to agents' browsers while no page of the desk is open (Web Push: RFC 8030, 8188, 8291, 8292)."""

from odziv.push.sender import PushSender

__all__ = ["PushSender"]
