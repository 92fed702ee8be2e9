"""The jsii kernel: its process, the connection to it, and what is known without asking it."""
