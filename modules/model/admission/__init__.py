"""What the API server itself refuses in an environment: one policy in each file, and each environment's parameters.

The policies are ValidatingAdmissionPolicies; their expressions are CEL
(https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/).
"""
