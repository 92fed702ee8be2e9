"""Whether a deploy would start: compares the settings with the account, one subject per file."""
