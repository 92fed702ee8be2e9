"""The jsii packages: found, made small, loaded without their run-time type work."""
