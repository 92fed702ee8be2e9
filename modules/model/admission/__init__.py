"""What the API server itself refuses in an environment: a policy a file, and the parameters of each environment.

The policies are ValidatingAdmissionPolicies; their expressions are CEL
(https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/).
"""
