"""What the framework calls itself: CDKTF, in Python and in JavaScript."""

# The Python package, and the first part of its classes' names in JavaScript.
PACKAGE = "cdktf"
# How the names of its prebuilt providers begin: of the npm packages, and of the Python packages.
PROVIDER_NPM_PREFIX = "@cdktf/provider-"
PROVIDER_PREFIX = "cdktf_cdktf_provider_"
