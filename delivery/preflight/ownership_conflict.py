"""Whether an environment's workloads have to change hands before the stack can own them."""

import sys

from botocore.exceptions import BotoCoreError, ClientError
from lightkube import ApiError

from delivery.account.error import AbsentError, CheckError
from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.verification.argocd import Application
from environments.schema.settings import Environment
from modules.model.selected_settings import SHARED


def ownership_conflict(environment: Environment) -> str | None:
    """What to do first, where Argo CD still delivers what the settings want Terraform to make.

    Terraform would find every object's name taken, half-way through the apply. Where the cluster cannot be asked, such
    as with rights to less, this says so on standard error and returns None.
    """
    if environment.delivery == "argocd" or environment.adopt_workloads:
        return None
    try:
        target = Target.of(environment, SHARED)
        target.argocd.read(Application, target.names.instance)
    except AbsentError:
        return None
    except (CheckError, AccountError, ApiError, BotoCoreError, ClientError) as error:
        print(f"note: whether Argo CD delivers {environment.name} cannot be seen: {error}", file=sys.stderr)
        return None
    return (
        f"Argo CD delivers {environment.name} (Application {target.names.instance}), and its settings say "
        'delivery="terraform"; allowed: adopt_workloads=True for the deploy that takes the workloads over, or '
        'delivery="argocd" (docs/gitops.md)'
    )
