"""What the account already holds, found by data sources and checked: a wrong account must not go unnoticed."""

import json

from cdktf import Postcondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_db_subnet_group import DataAwsDbSubnetGroup
from cdktf_cdktf_provider_aws.data_aws_eks_cluster import DataAwsEksCluster
from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import DataAwsIamOpenidConnectProvider
from cdktf_cdktf_provider_aws.data_aws_lb import DataAwsLb
from cdktf_cdktf_provider_aws.data_aws_subnet import DataAwsSubnet
from cdktf_cdktf_provider_aws.data_aws_subnets import DataAwsSubnets, DataAwsSubnetsFilter
from cdktf_cdktf_provider_aws.data_aws_vpc import DataAwsVpc
from constructs import Construct

from environments.schema.settings import Environment, Shared
from modules.aws.certificate import Certificate
from modules.aws.database_server import DatabaseServer
from modules.base.acting_role import by_role
from modules.base.cluster_login import add_kubernetes_provider
from modules.base.database_login import add_postgresql_provider
from modules.base.terraform import Ephemeral, ReadableStack


def _checks(*checks: tuple[str, str]) -> TerraformResourceLifecycle:
    return TerraformResourceLifecycle(
        postcondition=[
            Postcondition(condition=f"${{{condition}}}", error_message=message) for condition, message in checks
        ]
    )


class SharedInfrastructure(Construct):
    """What the account already holds: EKS cluster, network, OIDC provider, load balancer, certificate, database server.

    Everything is read by data sources and checked. If the account is not the one that the settings describe, the plan
    fails with a message that says what differs.

    Args:
        environment: settings of the environment: its hosts, and whether it has its own load balancer.
        shared: settings of the account.

    Attributes:
        oidc_provider_arn: ARN of the cluster's OIDC provider.
        oidc_issuer: issuer of the cluster's tokens, without the scheme.
        certificate_arn: ARN of the certificate for the environment's hosts.
        vpc_cidr: the VPC's range of addresses.
        service_cidr: range of addresses of the cluster's Services.
        https_in_vpc: networks inside the VPC that pods may reach over HTTPS, as the settings say.

    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment, shared: Shared) -> None:
        super().__init__(scope, id_)
        where = f"in account {shared.account}, region {shared.region}"

        self._cluster = DataAwsEksCluster(
            self,
            "cluster",
            name=shared.cluster,
            lifecycle=_checks(
                (
                    f'self.arn == "arn:aws:eks:{shared.region}:{shared.account}:cluster/{shared.cluster}"',
                    f"The EKS cluster is not {shared.cluster} {where}: these are another account's credentials.",
                ),
                ('self.status == "ACTIVE"', f"The EKS cluster {shared.cluster} {where} is not ACTIVE."),
            ),
        )
        self._cluster_reference = f"data.aws_eks_cluster.{self._cluster.friendly_unique_id}"
        issuer = f"{self._cluster_reference}.identity[0].oidc[0].issuer"
        oidc_provider = DataAwsIamOpenidConnectProvider(
            self,
            "oidc-provider",
            url=f"${{{issuer}}}",
            lifecycle=_checks(
                (
                    f'self.url == trimprefix({issuer}, "https://")',
                    f"The IAM OIDC provider's URL is not the issuer of the EKS cluster {shared.cluster}.",
                ),
                (
                    'contains(self.client_id_list, "sts.amazonaws.com")',
                    "The IAM OIDC provider does not admit the audience sts.amazonaws.com, which pods' tokens carry.",
                ),
            ),
        )
        vpc = DataAwsVpc(
            self,
            "vpc",
            id=f"${{{self._cluster_reference}.vpc_config[0].vpc_id}}",
            lifecycle=_checks(
                (
                    f'self.cidr_block == "{shared.vpc_cidr}"',
                    f"The cluster's VPC is not {shared.vpc_cidr}, which the network policies were reviewed with.",
                )
            ),
        )
        self._load_balancer_subnets = DataAwsSubnet(self, "load-balancer-subnet")
        # CDKTF's iterators cannot be given a set that only a data source knows.
        self._load_balancer_subnets.add_override(
            "for_each",
            self._shared_load_balancer_subnets(shared)
            if environment.alb == "shared"
            else self._public_subnets(shared, vpc),
        )
        self._load_balancer_subnets.add_override("id", "${each.value}")
        certificate = Certificate(self, "certificate", settings=shared.certificate, hosts=environment.hosts)
        self._shared = shared
        self._database_server = DatabaseServer(
            self, f"rds-{shared.database_server.kind}", settings=shared.database_server
        )
        self.oidc_provider_arn = oidc_provider.arn
        self.oidc_issuer = oidc_provider.url
        self.certificate_arn = certificate.arn
        self._database_subnets = self._subnets_of_the_database(self._database_server, shared)
        self.vpc_cidr = vpc.cidr_block
        # Where Services have their addresses, each of them in front of pods of any namespace.
        self.service_cidr = f"${{{self._cluster_reference}.kubernetes_network_config[0].service_ipv4_cidr}}"
        self.https_in_vpc = shared.https_in_vpc

    def _shared_load_balancer_subnets(self, shared: Shared) -> str:
        load_balancer = DataAwsLb(
            self,
            "load-balancer",
            tags={
                "ingress.k8s.aws/stack": shared.load_balancer_group,
                "elbv2.k8s.aws/cluster": shared.cluster,
            },
            lifecycle=_checks(
                (
                    'self.load_balancer_type == "application" && !self.internal',
                    f"The load balancer of IngressGroup {shared.load_balancer_group} is not an internet-facing ALB.",
                ),
                (
                    # A network policy's rule from nowhere in particular admits everybody.
                    "length(self.subnets) > 0",
                    f"The load balancer of IngressGroup {shared.load_balancer_group} has no subnet.",
                ),
            ),
        )
        return f"${{data.aws_lb.{load_balancer.friendly_unique_id}.subnets}}"

    def _public_subnets(self, shared: Shared, vpc: DataAwsVpc) -> str:
        """Where the controller will put a load balancer of the environment's own, which nobody has made yet.

        Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/
        """
        subnets = DataAwsSubnets(
            self,
            "public-subnets",
            filter=[
                DataAwsSubnetsFilter(name="vpc-id", values=[vpc.id]),
                DataAwsSubnetsFilter(name="tag:kubernetes.io/role/elb", values=["1", ""]),
            ],
            lifecycle=_checks(
                (
                    "length(self.ids) > 0",
                    f"The VPC of the EKS cluster {shared.cluster} has no subnet tagged kubernetes.io/role/elb, "
                    "in which an internet-facing load balancer could be.",
                )
            ),
        )
        return f"${{toset(data.aws_subnets.{subnets.friendly_unique_id}.ids)}}"

    def _subnets_of_the_database(self, server: DatabaseServer, shared: Shared) -> DataAwsSubnet:
        group = DataAwsDbSubnetGroup(
            self,
            "database-subnet-group",
            name=f"${{{server.subnet_group}}}",
            lifecycle=_checks(
                (
                    # A network policy's rule to nowhere in particular lets out to everybody.
                    "length(self.subnet_ids) > 0",
                    f"The subnet group of the {shared.database_server.title} has no subnet.",
                )
            ),
        )
        subnets = DataAwsSubnet(self, "database-subnet")
        subnets.add_override("for_each", f"${{toset(data.aws_db_subnet_group.{group.friendly_unique_id}.subnet_ids)}}")
        subnets.add_override("id", "${each.value}")
        return subnets

    @property
    def database_host_expression(self) -> str:
        """A bare expression: the host name of the database server."""
        return self._database_server.host

    @property
    def database_port_expression(self) -> str:
        """A bare expression: the port of the database server, a number."""
        return self._database_server.port

    @property
    def load_balancer_subnets(self) -> str:
        """A bare expression: the load balancer's subnets, each with its cidr_block."""
        return f"data.aws_subnet.{self._load_balancer_subnets.friendly_unique_id}"

    @property
    def database_subnets(self) -> str:
        """A bare expression: the subnets that the database server is in, each with its cidr_block."""
        return f"data.aws_subnet.{self._database_subnets.friendly_unique_id}"

    def add_kubernetes_provider(self, stack: ReadableStack) -> None:
        """Configure the Kubernetes provider with tokens that each run makes and none keeps.

        Args:
            stack: the stack that gets the provider.

        """
        add_kubernetes_provider(
            stack,
            endpoint=self._cluster.endpoint,
            authority=f"{self._cluster_reference}.certificate_authority[0].data",
            shared=self._shared,
        )

    def add_postgresql_provider(
        self, stack: ReadableStack, *, deploy_login: str, plan_login: str, deployer: str
    ) -> None:
        """Configure the PostgreSQL provider with the login of the role that runs Terraform.

        Each run reads the login anew and stores it nowhere.

        Args:
            stack: the stack that gets the provider.
            deploy_login: path of the secret with the login for deploys.
            plan_login: path of the secret with the login for plans.
            deployer: database role that a deploy acts as; a plan writes nothing.

        """
        stored = Ephemeral(
            self,
            "database-login",
            kind="aws_secretsmanager_secret_version",
            arguments={"secret_id": f"${{{by_role(deploy=json.dumps(deploy_login), plan=json.dumps(plan_login))}}}"},
        )
        login = f"jsondecode({stored.attribute('secret_string')})"
        add_postgresql_provider(
            stack,
            host=self.database_host_expression,
            port=self.database_port_expression,
            username=f"{login}.username",
            password=f"{login}.password",
            acts_as=deployer,
        )
