"""Numbers of the channel that code without Django needs too (burden.box.limits adds the words)."""

TEXT_LIMIT = 2000  # characters of a letter
REPLY_LIMIT = 1000  # characters of a reply
SLOTS_A_WEEK = 40
RECIPIENT_PLACES = 6
LEAST_RECIPIENTS = 2
KEEP_MONTHS = 12

# A character takes at most four bytes; the rest is room for what stands beside the text.
LETTER_ROOM = 8192
REPLY_ROOM = 4096
_PLACE = 32 + 16 + 32  # an ephemeral public key, an authenticator, the key of the content
_BOX = 24 + 16  # a nonce and an authenticator
PLACE_SIZE = _PLACE
SEALED_SIZE = RECIPIENT_PLACES * _PLACE + _BOX + LETTER_ROOM
REPLY_SIZE = 32 + 16 + REPLY_ROOM
# In the database: in the wrapping of the letter's own key, in an open week also in that of the week.
WRAPPED_SIZE = SEALED_SIZE + _BOX
OPEN_SIZE = 32 + WRAPPED_SIZE + _BOX
