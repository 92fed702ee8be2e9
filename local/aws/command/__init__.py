"""The aws command of the local cloud: a process that has its modules loaded runs it."""
