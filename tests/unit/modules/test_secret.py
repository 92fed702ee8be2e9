"""A Secret says which keys it has."""

import re

import pytest

from modules.model.kubernetes.secret import Secret


@pytest.mark.parametrize(
    ("templates", "key", "allowed"), [({}, "URL", "['host']"), ({"URL": "{{ .host }}"}, "host", "['URL']")]
)
def test_a_key_that_a_secret_does_not_have_is_refused(templates: dict[str, str], key: str, allowed: str) -> None:
    secret = Secret(name="credentials", path="a/b", properties={"host": "host"}, templates=templates)
    with pytest.raises(ValueError, match=re.escape(f"Secret 'credentials' has no key {key!r}; allowed: {allowed}")):
        secret.key(key)
