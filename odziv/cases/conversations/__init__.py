"""What agents do to a conversation, one verb each; the desk's pages and its interface for programs call these.

Each takes the store, and the acting agent where log or audit trail name them; it returns a result or raises Refused.
"""
