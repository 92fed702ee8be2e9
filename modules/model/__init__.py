"""Descriptions free of CDKTF, read by the constructs, the Helm values, verification and the guard."""
