"""The local cloud: the real servers behind one environment, on one machine, without an AWS account."""
