"""Synthesizes settings that are in no file of environments/."""

from pathlib import Path

from cdktf import App

import modules.base.bindings  # noqa: F401 loads only what is used of the providers
from environments.schema.rules import check
from environments.schema.settings import BOOTSTRAP, Environment, Shared
from modules.base.cloud import Cloud
from modules.model.selected_settings import SHARED
from modules.stacks.bootstrap_stack import BootstrapStack
from modules.stacks.environment_stack import EnvironmentStack
from tests.synth.template import Template


def synthesize_settings(folder: Path, settings: Environment, shared: Shared = SHARED) -> Template:
    """Return one environment's stack for AWS. Errors of its rules and constructs propagate."""
    check([settings], shared)
    app = App(outdir=str(folder))
    EnvironmentStack(app, settings.name, environment=settings, shared=shared, cloud=Cloud())
    app.synth()
    return Template.read(folder / "stacks" / settings.name / "cdk.tf.json")


def synthesize_bootstrap(folder: Path, settings: Environment, shared: Shared = SHARED) -> Template:
    """Return the bootstrap stack for one environment, for AWS. Errors of its parts propagate."""
    check([settings], shared)
    app = App(outdir=str(folder))
    BootstrapStack(app, BOOTSTRAP, environments=[settings], shared=shared, cloud=Cloud())
    app.synth()
    return Template.read(folder / "stacks" / BOOTSTRAP / "cdk.tf.json")
