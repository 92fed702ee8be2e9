"""Whether a deploy would start: what the settings say beside what the account really holds, a subject a file."""
