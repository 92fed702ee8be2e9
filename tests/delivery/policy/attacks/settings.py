"""Changes of the settings themselves, which a plan shows as intended or not at all."""

from environments.schema.connection import Connection
from environments.schema.neighbour import Neighbour
from tests.account import SETTINGS
from tests.delivery.policy.attacks.attack import attack
from tests.delivery.policy.attacks.edits import (
    new_environment,
    setting,
    setting_before,
    shared_setting,
    without_environment,
)

_DOCS = Neighbour(
    name="docs", labels={"app": "docs"}, connections=(Connection(direction="in", peer="load balancer", port=8080),)
)
_PROD = SETTINGS.find("prod")


def _docs(**fields: object) -> tuple[Neighbour, ...]:
    return (_DOCS.changed(fields),)


ATTACKS = (
    *(
        attack(title, "settings of prod", "settings-of-data", *edits)
        for title, edits in (
            ("protection is switched off", [setting("prod", protected=False)]),
            ("backups are kept for a day", [setting("prod", backups={"expire_after": 1})]),
            ("old versions are kept for a day", [setting("prod", media={"old_versions_expire_after": 1})]),
            (
                "replaced backups are kept for a day",
                [setting("prod", backups={"old_versions_expire_after": 1})],
            ),
            ("another database", [setting("prod", database={"name": "other"})]),
            ("another owner of the database", [setting("prod", database={"role": "other"})]),
            ("another secret of the database", [setting("prod", database={"credentials_path": "mosaic/prod/other"})]),
            ("old states are kept for a day", [shared_setting(old_state_expires_after=1)]),
            (
                "protection is switched off, and backups with it",
                [setting("prod", protected=False, backups={"expire_after": 1})],
            ),
        )
    ),
    *(
        attack(title, "settings of staging", "settings", *edits)
        for title, edits in (
            ("production's file is gone", [without_environment("prod")]),
            ("production is renamed", [without_environment("prod"), new_environment("live", "staging", stage="live")]),
            ("another branch is deployed", [setting("staging", branch="evil")]),
            ("another stage", [setting("staging", stage="testing")]),
            ("more is adopted", [setting("staging", adopt=("media",))]),
            ("everything is adopted", [setting("staging", adopt=True)]),
            (
                "one more capability",
                [setting("staging", capabilities=("ses",), parameters={"ses_from_email": "a@b.c"})],
            ),
            (
                "another sender",
                [
                    setting_before("staging", capabilities=("ses",), parameters={"ses_from_email": "a@b.c"}),
                    setting("staging", parameters={"ses_from_email": "evil@b.c"}),
                ],
            ),
            (
                "permissions are dropped",
                [
                    setting_before("staging", adopt=("core-api-role",)),
                    setting("staging", dropped_permissions=("s3:GetObject",)),
                ],
            ),
            ("Argo CD delivers", [setting("staging", delivery="argocd")]),
            ("a tunnel", [setting("staging", tunnel_instance="i-0123456789abcdef0")]),
            ("an extension", [setting("staging", database={"extensions": ("dblink",)})]),
            (
                "a password's number goes back",
                [setting_before("staging", session={"key_version": 3}), setting("staging", session={"key_version": 1})],
            ),
            *(
                (f"a larger quota of {field}", [setting("staging", quota={field: value})])
                for field, value in (
                    ("cpu_requests", "1000"),
                    ("memory_requests", "1000Gi"),
                    ("cpu_limits", "1000"),
                    ("memory_limits", "1000Gi"),
                    ("ephemeral_storage_requests", "1000Gi"),
                    ("ephemeral_storage_limits", "1000Gi"),
                    ("pods", 1000),
                )
            ),
            (
                "production's host",
                [
                    setting("prod", web={"hosts": ("new.mosaiclife.me",)}),
                    setting("staging", web={"hosts": _PROD.web.hosts[:1]}),
                ],
            ),
            (
                "production's host of the API",
                [
                    setting("prod", core_api={"hosts": ("new.mosaiclife.me",)}),
                    setting("staging", core_api={"hosts": _PROD.core_api.hosts[:1]}),
                ],
            ),
            (
                "production's cookie",
                [
                    setting("prod", session={"cookie_name": "other"}),
                    setting("staging", session={"cookie_name": _PROD.session.cookie_name}),
                ],
            ),
            (
                "production's database",
                [
                    setting_before("prod", database={"name": "mosaic"}),
                    setting("prod", database={"name": "other"}),
                    setting("staging", database={"name": "mosaic"}),
                ],
            ),
            ("a neighbour more", [setting("staging", neighbours=_docs())]),
            ("a neighbour less", [setting_before("staging", neighbours=_docs()), setting("staging", neighbours=())]),
            (
                "a neighbour of another name",
                [setting_before("staging", neighbours=_docs()), setting("staging", neighbours=_docs(name="docs-2"))],
            ),
            *(
                (
                    f"a neighbour with another {field}",
                    [
                        setting_before("staging", neighbours=_docs()),
                        setting("staging", neighbours=_docs(**{field: value})),
                    ],
                )
                for field, value in (
                    ("pod_security", "privileged"),
                    ("images", ("evil/image",)),
                    ("labels", {"app": "web2"}),
                    ("connections", (*_DOCS.connections, Connection(direction="out", peer="vpc", port=22))),
                )
            ),
            (
                "a new environment with capabilities",
                [new_environment("test", "staging", stage="test", capabilities=("marketplace",))],
            ),
        )
    ),
    *(
        attack(f"another {field} for all, {on}", on, "settings", shared_setting(**{field: value}))
        for on in ("settings of staging", "settings of prod")
        for field, value in (
            ("account", "111122223333"),
            ("region", "eu-west-1"),
            ("repository", "evil/platform"),
            ("default_branch", "evil"),
            ("domain", "evil.example"),
            ("cluster", "evil"),
            ("vpc_cidr", "10.0.0.0/8"),
            ("https_in_vpc", ("10.20.1.0/24",)),
            ("database_server", {"name": "evil"}),
            ("load_balancer_group", "evil"),
            ("google_oauth_secret", "evil/secret"),
            ("cookie_domain", ".evil.example"),
            ("image_registry", "evil.example"),
            ("ingress_class", "evil"),
            ("argocd", {"chart_repository": "https://evil.example/chart"}),
            ("github", {"identity_provider": "existing"}),
            ("external_dns", {"owner": "evil"}),
            ("project_tag", "Evil"),
        )
    ),
)
