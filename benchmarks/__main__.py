"""Runs every measurement: `python -m benchmarks`."""

from benchmarks import deploy, synth

deploy.main()
synth.main()
