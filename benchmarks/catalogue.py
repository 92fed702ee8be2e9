"""All parts, in the order in which they are measured: quick ones first."""

from benchmarks.parts import cdktf, cloud, command_line, deploy, environments, previews, synth

PARTS = (command_line.PART, synth.PART, environments.PART, cdktf.PART, cloud.PART, deploy.PART, previews.PART)
