"""The permissions of one environment's roles as IAM policy documents: plain data with only this environment's names.

Which call needs which action: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
Tested with every action evaluated: tests/live/test_delivery_roles.py.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from environments.applications import APPLICATIONS
from environments.schema.settings import Environment, Shared
from modules.model.capabilities import Statement
from modules.model.core_api_permissions import (
    READ_SECRET,
    allow,
    bucket_arns,
    core_api_permissions,
    object_arns,
    secret_arn,
)
from modules.model.iam_denials import Denials
from modules.model.image_registry import EcrRegistry
from modules.model.names import Names, claims_object, state_key
from modules.model.secrets import ApplicationSecrets

# A session lasts as long as the longest job that assumes the role, the deploy, may take.
SESSION_SECONDS = 90 * 60
# The add-on that enforces network policies, if configured to.
NETWORK_ADDON = "vpc-cni"
# The document with which a private database is reached: delivery/commands/tunnel.py.
TUNNEL_DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"

_READ_ACCOUNT = (
    # None of these can be limited to a resource.
    "acm:ListCertificates",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "elasticloadbalancing:DescribeListenerCertificates",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeSSLPolicies",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "iam:ListOpenIDConnectProviders",
    "route53:ListHostedZones",
)
_READ_BUCKET = (
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    # hashicorp/aws reads and writes a bucket's tags through S3 Control from 6.23 on.
    "s3:ListTagsForResource",
)
_WRITE_BUCKET = (
    "s3:CreateBucket",
    "s3:PutBucketCORS",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
)
_DESTROY_BUCKET = ("s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:ListBucketVersions")
_DESTROY_OBJECTS = ("s3:DeleteObject", "s3:DeleteObjectVersion")
# For a preview that is released.
_EMPTY_BUCKET = ("s3:ListBucketMultipartUploads", "s3:ListBucketVersions")
_EMPTY_OBJECTS = ("s3:AbortMultipartUpload", *_DESTROY_OBJECTS)
_READ_SECRET = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:ListSecretVersionIds",
)
_WRITE_SECRET = (
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RestoreSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
)
_DESTROY_SECRET = ("secretsmanager:DeleteSecret",)
_READ_ROLE = (
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
)
_WRITE_ROLE = (
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
# Each of these could give a role more permissions, so they are allowed only for a role with the boundary.
_WRITE_BOUNDED_ROLE = (
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
)
_DESTROY_ROLE = ("iam:DeleteRole",)


@dataclass(frozen=True, kw_only=True)
class EnvironmentPolicies:
    """The policies of one environment's plan role and deploy role, and the boundary of every role the latter creates.

    oidc_provider_arn: of the account's cluster. deploy_login_arn, plan_login_arn: of the secrets with which a deploy
    and a plan log in to the database server. database_subnet_group: the name of its subnet group. vpc: the id of the
    cluster's VPC.
    """

    environment: Environment
    shared: Shared
    names: Names
    oidc_provider_arn: str
    deploy_login_arn: str
    plan_login_arn: str
    database_subnet_group: str
    vpc: str

    @property
    def boundary_arn(self) -> str:
        """The managed policy that limits every role that the deploy role creates."""
        return boundary_arn(self.names, self.shared)

    @property
    def plan(self) -> str:
        """Read what a plan compares, and write nothing: it cannot even lock the state, so it plans with -lock=false.

        The only secret it may read is its own database login, even if another policy allows more.
        """
        others: Statement = {
            "Sid": "ReadNoOtherSecret",
            "Effect": "Deny",
            "Action": ["secretsmanager:GetSecretValue"],
            "NotResource": [self.plan_login_arn],
        }
        return _document([*self._read, _log_in(self.plan_login_arn), others, *self._denials.plan])

    @property
    def deploy(self) -> str:
        """Read the same, write the state, and create and change what carries this environment's names.

        This role never reads, deletes or gives away a protected environment's data. It can change neither its own
        permissions nor those of the plan role.
        """
        login = _log_in(self.deploy_login_arn)
        destroy = [] if self.environment.protected else self._destroy
        return _document([*self._read, login, *self._write, *destroy, *self._denials.deploy])

    @property
    def boundary(self) -> str:
        """The most that any role of the environment can be allowed: core-api's permissions and the secret store's.

        They share the environment's own secrets; only the store reads those that others keep for the environment.
        """
        secrets = ApplicationSecrets.of(self.environment, self.shared, self.names)
        elsewhere = [secret_arn(self.shared, secret.path) for secret in secrets.kept_elsewhere]
        return _document(
            [
                *core_api_permissions(self.environment, self.shared, self.names),
                allow("SecretsKeptElsewhere", READ_SECRET, elsewhere),
            ]
        )

    @property
    def _read(self) -> list[Statement]:
        account, region = self.shared.account, self.shared.region
        state = f"arn:aws:s3:::{self.names.state_bucket}"
        return [
            allow("ReadAccount", _READ_ACCOUNT, ["*"]),
            allow(
                "ReadCertificates",
                ["acm:DescribeCertificate", "acm:GetCertificate", "acm:ListTagsForCertificate"],
                # The wildcard's certificate is found by its domain, and its ARN changes with each new one.
                [f"arn:aws:acm:{region}:{account}:certificate/*"],
            ),
            # The domain's zone is found by its name.
            allow("ReadDns", ["route53:ListResourceRecordSets"], ["arn:aws:route53:::hostedzone/*"]),
            # Each action applies to one of these kinds; one statement saves space in the policy's size limit.
            allow(
                "ReadCluster",
                ["eks:DescribeCluster", "ec2:DescribeVpcAttribute", "iam:GetOpenIDConnectProvider"],
                [
                    f"arn:aws:eks:{region}:{account}:cluster/{self.shared.cluster}",
                    f"arn:aws:ec2:{region}:{account}:vpc/{self.vpc}",
                    self.oidc_provider_arn,
                ],
            ),
            allow(
                "ReadNetworkPlugin",
                ["eks:DescribeAddon"],
                # EKS ends each add-on's ARN with an id of its own.
                [f"arn:aws:eks:{region}:{account}:addon/{self.shared.cluster}/{NETWORK_ADDON}/*"],
            ),
            allow(
                "ReadDatabase",
                [self._describe_server, "rds:ListTagsForResource"],
                [f"arn:aws:rds:{region}:{account}:{self._server_arn}"],
            ),
            allow(
                "ReadDatabaseSubnets",
                ["rds:DescribeDBSubnetGroups"],
                [f"arn:aws:rds:{region}:{account}:subgrp:{self.database_subnet_group}"],
            ),
            *read_images(self.shared),
            *self._tunnel,
            allow("ReadBuckets", _READ_BUCKET, bucket_arns(self.names)),
            allow("ReadSecrets", _READ_SECRET, self._secrets),
            allow("ReadRoles", _READ_ROLE, self._roles),
            allow("FindState", ["s3:ListBucket"], [state]),
            allow("ReadState", ["s3:GetObject"], [f"{state}/{state_key(self.environment.name)}"]),
        ]

    @property
    def _tunnel(self) -> list[Statement]:
        """Forward a port through the environment's instance: only with that one document, and only own sessions.

        Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-quickstart.html
        """
        instance = self.environment.tunnel_instance
        if instance is None:
            return []
        region, account = self.shared.region, self.shared.account
        target = (
            f"arn:aws:ssm:{region}:{account}:managed-instance/{instance}"
            if instance.startswith("mi-")
            else f"arn:aws:ec2:{region}:{account}:instance/{instance}"
        )
        document = f"arn:aws:ssm:{region}::document/{TUNNEL_DOCUMENT}"
        own = f"arn:aws:ssm:{region}:{account}:session/${{aws:userid}}-*"
        return [
            {
                **allow("OpenTunnel", ["ssm:StartSession"], [target, document]),
                # Without it a session that names no document would be a shell.
                "Condition": {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
            },
            allow("UseTunnel", ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"], [own]),
        ]

    @property
    def _write(self) -> list[Statement]:
        bounded = {"StringEquals": {"iam:PermissionsBoundary": self.boundary_arn}}
        state = f"arn:aws:s3:::{self.names.state_bucket}/{state_key(self.environment.name)}"
        return [
            allow("WriteState", ["s3:PutObject"], [state]),
            allow("LockState", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [f"{state}.tflock"]),
            # It cannot be limited to a resource.
            allow("MakeSecrets", ["secretsmanager:GetRandomPassword"], ["*"]),
            *self._write_buckets,
            allow("WriteSecrets", _WRITE_SECRET, self._secrets),
            allow("WriteRoles", _WRITE_ROLE, self._roles),
            {**allow("WriteBoundedRoles", _WRITE_BOUNDED_ROLE, self._roles), "Condition": bounded},
        ]

    @property
    def _write_buckets(self) -> list[Statement]:
        """Bootstrap owns a preview's buckets; a preview's own deploys record the state of its claim."""
        if self.environment.slot is None:
            return [allow("WriteBuckets", _WRITE_BUCKET, bucket_arns(self.names))]
        return write_claims(self.shared)

    @property
    def _destroy(self) -> list[Statement]:
        buckets = (
            [
                allow("DestroyBuckets", _DESTROY_BUCKET, bucket_arns(self.names)),
                allow("DestroyObjects", _DESTROY_OBJECTS, object_arns(self.names)),
            ]
            if self.environment.slot is None
            else [
                allow("EmptyBuckets", _EMPTY_BUCKET, bucket_arns(self.names)),
                allow("EmptyObjects", _EMPTY_OBJECTS, object_arns(self.names)),
            ]
        )
        return [
            *buckets,
            allow("DestroySecrets", _DESTROY_SECRET, self._secrets),
            allow("DestroyRoles", _DESTROY_ROLE, self._roles),
        ]

    @property
    def _denials(self) -> Denials:
        state = f"arn:aws:s3:::{self.names.state_bucket}"
        return Denials(
            protected=self.environment.protected,
            keeps_buckets=self.environment.slot is not None,
            buckets=bucket_arns(self.names),
            objects=object_arns(self.names),
            secrets=self._secrets,
            roles=self._roles,
            boundary=self.boundary_arn,
            bounded_actions=_WRITE_BOUNDED_ROLE,
            state_bucket=state,
            lock=f"{state}/{state_key(self.environment.name)}.tflock",
        )

    @property
    def _secrets(self) -> list[str]:
        return [secret_arn(self.shared, path) for path in self.names.secret_paths]

    @property
    def _describe_server(self) -> str:
        return "rds:DescribeDBClusters" if self.shared.database_server.kind == "cluster" else "rds:DescribeDBInstances"

    @property
    def _server_arn(self) -> str:
        server = self.shared.database_server
        return f"{'cluster' if server.kind == 'cluster' else 'db'}:{server.name}"

    @property
    def _roles(self) -> list[str]:
        roles = (self.names.core_api_role, self.names.secret_store_role)
        return [f"arn:aws:iam::{self.shared.account}:role/{role}" for role in roles]


def boundary_arn(names: Names, shared: Shared) -> str:
    """The ARN of the environment's permissions boundary, which the bootstrap stack creates."""
    return f"arn:aws:iam::{shared.account}:policy/{names.permissions_boundary}"


def previews_policy(shared: Shared) -> str:
    """The policy of the workflow role that decides about claims: it reads and writes them, and looks up images."""
    return _document([*write_claims(shared), *read_images(shared)])


def write_claims(shared: Shared) -> list[Statement]:
    """Read and write the claims of previews, and detect that there are none yet."""
    # Without permission to list a bucket, S3 reports a missing object as forbidden.
    bucket, key = claims_object(shared)
    arn = f"arn:aws:s3:::{bucket}"
    return [
        allow("FindClaims", ["s3:ListBucket"], [arn]),
        allow("WriteClaims", ["s3:GetObject", "s3:PutObject"], [f"{arn}/{key}"]),
    ]


def read_images(shared: Shared) -> list[Statement]:
    """Read the registry's data about the applications' images: tags, digests, manifests; never a layer's contents."""
    registry = EcrRegistry.of(shared.image_registry)
    if registry is None:
        return []
    repositories = sorted(registry.repository_arn(application.repository) for application in APPLICATIONS)
    return [allow("ReadImages", ["ecr:BatchGetImage", "ecr:DescribeImages"], repositories)]


def _log_in(login_arn: str) -> Statement:
    """Log in to the database server, only with this login, never the administrator's."""
    return allow("LogInToDatabase", ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], [login_arn])


def _document(statements: Sequence[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
