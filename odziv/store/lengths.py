"""How many characters of what others write are kept, each bound once: for the columns, the doors and the pages' fields.

Templates read it as `lengths`. A bound that one module alone has stands there.
"""

LONGEST_EMAIL = 320
LONGEST_MAILBOX = 30  # its name in config.yml
LONGEST_AGENT_TITLE = 80
LONGEST_SIGNATURE = 1_000  # as the settings have it
LONGEST_SUBJECT = 200  # of an e-mail that an agent begins
LONGEST_RECIPIENTS = 6_000  # of one field of an e-mail, as it is typed
LONGEST_CUSTOMER_NAME = 120
LONGEST_CUSTOMER_ID = 120  # the site's own, of a customer it verified
LONGEST_AGENT_NAME = 60  # as customers read it; the column has room for more
LONGEST_PASSWORD = 1000
LONGEST_REPLY_NAME = 80  # of a saved reply
LONGEST_SHORTCUT = 32  # of a saved reply
LONGEST_VIEW_NAME = 60  # of a saved view
LONGEST_LABEL = 40
LONGEST_MACRO_NAME = 60
LONGEST_RULE_NAME = 60
LONGEST_FIELD_NAME = 40
LONGEST_FIELD_VALUE = 200
LONGEST_TOKEN_NAME = 80  # of the program that has the token
LONGEST_CLIENT_ID = 64  # of a message, from the widget
LONGEST_AGENT_CLIENT_ID = 48  # of a message, from the desk: the agent's number goes before it
LONGEST_SETTING_KEY = 200  # of what is set at the desk
LONGEST_SETTING = 20_000  # of its value, as JSON
LONGEST_ORIGIN = 300  # of a website
LONGEST_SITE = 64  # the site's key in config.yml
LONGEST_NUMBER = 9  # digits of a setting
LONGEST_SITE_NAME = 100  # as the settings check it, too
LONGEST_LANGUAGE_TAG = 35  # as browsers send it, "sl-SI"
LONGEST_PAGE = 2000  # the address of the page a customer is on
LONGEST_URL = 2000  # of a webhook, and of where a browser is sent notifications
LONGEST_PUSH_KEY = 100  # a browser's public key, in base64
LONGEST_PUSH_SECRET = 40  # and its secret
LONGEST_TOPIC = 64  # of an article: its category
LONGEST_ARTICLE = 200  # the article's path in the knowledge base
LONGEST_TITLE = 200  # of an article
LONGEST_ANSWER = 10_000  # of an article that is proposed
LONGEST_PROPOSED = 300  # of a phrasing that is proposed; longer ones are stories, which teach little
LONGEST_SEARCH = 300  # an agent's, in the articles
LONGEST_WANTED = 400  # an agent's, in conversations; the rest is not looked at
LONGEST_QUERY = 200  # a reader's, in the help centre and the widget; the rest is not looked at
LONGEST_FLAG_REASON = 500  # why an answer is wrong, in an agent's words
LONGEST_VERDICT = 1000  # a customer's words beside a rating, or a reader's on an article
LONGEST_ERROR = 300  # why a mail did not go out, in the other server's words
LONGEST_HOOK_ANSWER = 200  # what is kept of a webhook's answer, and of what went wrong
LONGEST_PROBLEM = 300  # why what an agent had asked for was not done, in our words
