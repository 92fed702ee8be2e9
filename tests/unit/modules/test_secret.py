"""A Secret declares its keys."""

import re

import pytest

from modules.model.kubernetes.secret import Secret


@pytest.mark.parametrize(
    ("templates", "key", "allowed"), [({}, "URL", "['host']"), ({"URL": "{{ .host }}"}, "host", "['URL']")]
)
def test_an_unknown_secret_key_is_refused(templates: dict[str, str], key: str, allowed: str) -> None:
    secret = Secret(name="credentials", path="a/b", properties={"host": "host"}, templates=templates)
    with pytest.raises(ValueError, match=re.escape(f"Secret 'credentials' has no key {key!r}; allowed: {allowed}")):
        secret.key(key)
