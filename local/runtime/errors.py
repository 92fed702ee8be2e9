"""The one error that the local cloud's commands show without a traceback."""


class LocalCloudError(Exception):
    """Something outside the code is wrong: a setting, a busy port, a server that died.

    The message says what was given or seen, what is allowed or expected, and where to look.
    """
