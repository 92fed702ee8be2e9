"""Checks whether an environment's workloads must change owner before the stack can own them."""

import sys

from botocore.exceptions import BotoCoreError, ClientError
from lightkube import ApiError

from delivery.account.error import AbsentError, CheckError
from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.verification.argocd import Application
from environments.schema.settings import Environment
from modules.model.selected_settings import SHARED
from modules.model.tags import labels


def ownership_conflict(environment: Environment) -> str | None:
    """Say what to do first if Argo CD's Application contradicts the settings or comes from somewhere else.

    Otherwise Terraform would find the names of the workloads, or of the Application itself, taken half-way through the
    apply. If the cluster cannot be asked, for example for lack of permissions, prints a note to standard error and
    returns None.
    """
    try:
        target = Target.of(environment, SHARED)
        application = target.argocd.read(Application, target.names.instance)
    except AbsentError:
        return None
    # OSError: a certificate authority that cannot verify any connection.
    except (CheckError, AccountError, ApiError, BotoCoreError, ClientError, OSError) as error:
        print(f"note: cannot see whether Argo CD delivers {environment.name}: {error}", file=sys.stderr)
        return None
    name = target.names.instance
    if environment.delivery == "terraform":
        return (
            f"Argo CD delivers {environment.name} (Application {name}), but its settings say "
            f'delivery="terraform"; allowed: make adopt ENV={environment.name} first, which imports the workloads and '
            'deletes only the Application, or delivery="argocd" (docs/gitops.md)'
        )
    found, ours = application["metadata"].get("labels", {}), labels(environment, SHARED)
    if environment.adopts("argocd-application") or ours.items() <= found.items():
        return None
    return (
        f"Application {name} exists but is not part of {environment.name}'s stack: its labels are not {ours}; allowed: "
        f'"argocd-application" among the parts of adopt, then make adopt ENV={environment.name} (docs/gitops.md)'
    )
