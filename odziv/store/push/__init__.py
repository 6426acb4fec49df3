"""Browsers of agents that are told of news while no page of the desk is open, and what waits to be sent there."""
