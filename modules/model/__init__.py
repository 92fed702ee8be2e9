"""Descriptions without CDKTF, shared by the constructs, the Helm values, verification and the guard."""
