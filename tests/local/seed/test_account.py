"""The account holds what facts say about the real one, and describes the servers that really run."""

import base64
import json
import math

import pytest
from lightkube import Client
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, ServiceAccountToken
from lightkube.resources.networking_v1 import IngressClass

from local.aws.clients import AwsClients
from local.postgresql.installation import find_installation
from local.postgresql.server import Postgres
from local.seed.account import database_administrator
from local.seed.aws_objects import read_secret
from local.seed.network_plugin import ADDON
from local.state import Cloud
from tests.account import SETTINGS, SHARED


@pytest.fixture(scope="module")
def postgres(cloud: Cloud) -> Postgres:
    return Postgres(
        state=cloud.state,
        port=cloud.database_port,
        installation=find_installation(cloud.state),
        certificates=cloud.certificates,
    )


def test_the_described_cluster_is_the_local_one(cloud: Cloud, aws: AwsClients) -> None:
    cluster = aws.eks.describe_cluster(name=SHARED.cluster)["cluster"]
    assert cluster["endpoint"] == cloud.kubernetes_url
    assert base64.b64decode(cluster["certificateAuthority"]["data"]) == cloud.certificates.authority.read_bytes()
    assert cluster["status"] == "ACTIVE"
    (vpc,) = aws.ec2.describe_vpcs(VpcIds=[cluster["resourcesVpcConfig"]["vpcId"]])["Vpcs"]
    assert vpc["CidrBlock"] == SHARED.vpc_cidr


def test_the_database_server_has_subnets_of_its_own_in_the_clusters_vpc(aws: AwsClients) -> None:
    (instance,) = aws.rds.describe_db_instances()["DBInstances"]
    (group,) = aws.rds.describe_db_subnet_groups(DBSubnetGroupName=instance["DBSubnetGroup"]["DBSubnetGroupName"])[
        "DBSubnetGroups"
    ]
    own = [subnet["SubnetIdentifier"] for subnet in group["Subnets"]]
    vpc = aws.eks.describe_cluster(name=SHARED.cluster)["cluster"]["resourcesVpcConfig"]
    (balancer,) = aws.elbv2.describe_load_balancers()["LoadBalancers"]
    assert {subnet["VpcId"] for subnet in aws.ec2.describe_subnets(SubnetIds=own)["Subnets"]} == {vpc["vpcId"]}
    assert not set(own) & {*vpc["subnetIds"], *(zone["SubnetId"] for zone in balancer["AvailabilityZones"])}


def test_service_account_tokens_come_from_the_registered_oidc_provider(aws: AwsClients, kubernetes: Client) -> None:
    issuer = aws.eks.describe_cluster(name=SHARED.cluster)["cluster"]["identity"]["oidc"]["issuer"]
    (listed,) = aws.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    provider = aws.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=listed["Arn"])
    assert f"https://{provider['Url']}" == issuer
    assert provider["ClientIDList"] == ["sts.amazonaws.com"]

    request = ServiceAccountToken(metadata=ObjectMeta(), spec=TokenRequestSpec(audiences=["sts.amazonaws.com"]))
    answer = kubernetes.create(request, "default", namespace="default")
    assert answer.status is not None
    assert answer.status.token is not None
    payload = answer.status.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["iss"] == issuer
    assert claims["aud"] == ["sts.amazonaws.com"]
    assert claims["sub"] == "system:serviceaccount:default:default"


def test_the_load_balancer_is_found_by_its_tags(aws: AwsClients) -> None:
    (balancer,) = aws.elbv2.describe_load_balancers()["LoadBalancers"]
    assert (balancer["Type"], balancer["Scheme"]) == ("application", "internet-facing")
    (described,) = aws.elbv2.describe_tags(ResourceArns=[balancer["LoadBalancerArn"]])["TagDescriptions"]
    assert {tag["Key"]: tag["Value"] for tag in described["Tags"]} == {
        "ingress.k8s.aws/stack": SHARED.load_balancer_group,
        "ingress.k8s.aws/resource": "LoadBalancer",
        "elbv2.k8s.aws/cluster": SHARED.cluster,
    }


def test_the_certificate_covers_the_domain_and_its_hosts(aws: AwsClients) -> None:
    (listed,) = aws.acm.list_certificates()["CertificateSummaryList"]
    certificate = aws.acm.describe_certificate(CertificateArn=listed["CertificateArn"])["Certificate"]
    assert certificate["Status"] == "ISSUED"
    assert certificate["DomainName"] == f"*.{SHARED.domain}"
    assert set(certificate["SubjectAlternativeNames"]) == {f"*.{SHARED.domain}", SHARED.domain}


def test_the_database_instance_admits_the_user_in_its_managed_secret(
    aws: AwsClients, postgres: Postgres, cloud: Cloud
) -> None:
    (instance,) = aws.rds.describe_db_instances()["DBInstances"]
    assert instance["Endpoint"]["Address"] == cloud.database_host
    assert instance["Endpoint"]["Port"] == cloud.database_port
    administrator = database_administrator(aws, SHARED)
    assert administrator["username"] == instance["MasterUsername"]
    with postgres.connect(
        user=administrator["username"], password=administrator["password"], database="postgres"
    ) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    assert row == (instance["EngineVersion"],)


def test_the_oauth_secret_has_the_shape_of_the_real_one(aws: AwsClients) -> None:
    values = read_secret(aws, SHARED.google_oauth_secret)
    assert values.keys() == {"client-id", "client-secret"}
    assert all(values.values())


def test_the_hand_made_production_is_complete(aws: AwsClients, postgres: Postgres, kubernetes: Client) -> None:
    for purpose in ("media", "backups"):
        bucket = f"mosaic-prod-{purpose}-{SHARED.account}"
        assert aws.s3.list_object_versions(Bucket=bucket)["Versions"]
    key = read_secret(aws, "mosaic/prod/session/secret-key")["secret-key"]
    assert len(key) * math.log2(64) >= 256, "a character of base64 holds six bits"
    assert aws.iam.get_role(RoleName="mosaic-prod-core-api-role")
    assert kubernetes.get(Namespace, "mosaic-prod")

    owner = read_secret(aws, "mosaic/prod/rds/credentials")
    assert owner.keys() == {"host", "port", "username", "password", "dbname"}
    assert (owner["username"], owner["dbname"]) == ("mosaic_prod", "core_prod")
    with postgres.connect(user=owner["username"], password=owner["password"], database=owner["dbname"]) as connection:
        rows = connection.execute("SELECT title FROM stories").fetchall()
        acl = connection.execute("SELECT datacl FROM pg_database WHERE datname = 'core_prod'").fetchone()
    assert rows
    # Without a list, PostgreSQL's default applies, and PUBLIC may connect.
    assert acl == (None,)


def test_the_cluster_has_the_ingress_class(kubernetes: Client) -> None:
    ingress_class = kubernetes.get(IngressClass, SHARED.ingress_class)
    assert ingress_class.spec is not None
    assert ingress_class.spec.controller == "ingress.k8s.aws/alb"


def test_the_registry_holds_each_image_that_an_environment_names(aws: AwsClients) -> None:
    for environment in SETTINGS.load():
        for field, image in environment.images.items():
            repository = f"{SHARED.application}/{field.replace('_', '-')}"
            (found,) = aws.ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": image.tag}])[
                "imageDetails"
            ]
            assert found["imageDigest"].startswith("sha256:")


def test_the_network_plugin_enforces_policies(aws: AwsClients) -> None:
    addon = aws.eks.describe_addon(clusterName=SHARED.cluster, addonName=ADDON)["addon"]
    assert json.loads(addon["configurationValues"]) == {"enableNetworkPolicy": "true"}


def test_a_deleted_secret_is_refused_in_the_words_of_secrets_manager(aws: AwsClients) -> None:
    """hashicorp/aws recognizes a deleted secret by these words; with others, every plan fails."""
    client = aws.secretsmanager
    arn = client.create_secret(Name="mosaic/test/deleted", SecretString="{}")["ARN"]
    client.delete_secret(SecretId=arn)
    with pytest.raises(client.exceptions.InvalidRequestException, match="because it was marked for deletion"):
        client.get_secret_value(SecretId=arn)
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
