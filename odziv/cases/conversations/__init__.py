"""What agents do to a conversation, one verb each: `odziv/desk/`, its pages and its interface for programs, call these.

Each takes the store and the acting agent, and returns a result or raises Refused.
"""
