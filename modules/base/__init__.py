"""The interface to CDKTF and to the clouds."""
