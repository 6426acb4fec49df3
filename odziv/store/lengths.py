"""How many characters of what others write are kept, each once: for the columns, and for the doors that check before.

A limit that one door alone has stands there.
"""

LONGEST_EMAIL = 320
LONGEST_CUSTOMER_NAME = 120
LONGEST_CUSTOMER_ID = 120  # the site's own, of a customer it verified
LONGEST_REPLY_NAME = 80  # of a saved reply
LONGEST_TOKEN_NAME = 80  # of the program that has the token
LONGEST_ERROR = 300  # why a mail did not go out, in the other server's words
LONGEST_VERDICT = 1000  # a customer's words beside a rating, or a reader's on an article
