"""Words by which several test files know a sentence that the app says and no field tells."""

STILL_READING = "Your vault is still being read"
SAY_WHOSE_FIRST = "Say in Settings first"
LISTEN_FIRST = "Listen to it first"
VOICE_IS_GONE = "This voice is not here any more"
HAD_ALREADY = "You have this take"
WRONG_PASSPHRASE = "This is not the passphrase."
BROKEN_PAGE = "Something went wrong on this page"
