"""The seam to CDKTF and to the clouds."""
