"""The framework's names: CDKTF, in Python and in JavaScript."""

# The Python package, and the first part of its classes' names in JavaScript.
PACKAGE = "cdktf"
# The prefixes of its prebuilt providers' names: of the npm packages, and of the Python packages.
PROVIDER_NPM_PREFIX = "@cdktf/provider-"
PROVIDER_PREFIX = "cdktf_cdktf_provider_"
