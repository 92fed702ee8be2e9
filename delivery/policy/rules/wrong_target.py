"""The plan must target the account and the state in the settings."""

from collections.abc import Iterator

from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, items
from modules.model.names import state_key


def _find(review: Review) -> Iterator[Finding]:
    yield from _providers(review)
    yield from _backend(review)


def _providers(review: Review) -> Iterator[Finding]:
    aws = {
        name: provider
        for name, provider in review.plan.providers.items()
        if str(provider.get("full_name", "")).endswith("hashicorp/aws")
    }
    if not aws:
        yield Finding.of("provider.aws", "is not configured in this plan")
    expected = {"allowed_account_ids": [review.shared.account], "region": review.shared.region}
    for name, provider in sorted(aws.items()):
        for argument, allowed in expected.items():
            given = at(provider, "expressions", argument, "constant_value")
            if given != allowed:
                yield Finding.of(f"provider.{name}", "has {} {}; allowed: {}", argument, given, allowed)
        for endpoints in items(at(provider, "expressions", "endpoints")):
            for service, expression in sorted(endpoints.items()) if isinstance(endpoints, dict) else ():
                url = at(expression, "constant_value")
                yield Finding.of(f"provider.{name}", "sends {} to {}; allowed: no endpoint", service, url)


def _backend(review: Review) -> Iterator[Finding]:
    backends = at(review.stack, "terraform", "backend")
    if not isinstance(backends, dict) or list(backends) != ["s3"]:
        yield Finding.of("terraform.backend", "is not S3: the state would be kept elsewhere")
        return
    expected = {
        "bucket": review.names.state_bucket,
        "key": state_key(review.environment.name),
        "region": review.shared.region,
        "allowed_account_ids": [review.shared.account],
        "encrypt": True,
        "use_lockfile": True,
    }
    for argument, allowed in expected.items():
        given = at(backends, "s3", argument)
        if given != allowed:
            yield Finding.of("terraform.backend.s3", "has {} {}; allowed: {}", argument, given, allowed)


RULES = (
    Rule(
        id="wrong-target",
        danger="Wrong account or state",
        reason="A plan for another account or another environment's state would be applied there.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
