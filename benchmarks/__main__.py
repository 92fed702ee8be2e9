"""Runs every measurement: `python -m benchmarks`."""

from benchmarks import synth

synth.main()
