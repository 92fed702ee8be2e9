"""The jsii packages: finds them, shrinks them, and loads them without their run-time type checks."""
