"""Rules: when something happens, if it is so, then something is done, without anybody."""
