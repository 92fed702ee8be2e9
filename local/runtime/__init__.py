"""Processes, ports, certificates and files of the local cloud's parts."""
