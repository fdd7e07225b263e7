"""A client of any configuration is answered by the fake, and none touches the network."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ParamValidationError

from kinesis_fake import Fault, KinesisFake, fake_kinesis
from tests.support.no_network import NetworkTouched
from tests.support.refusals import refused

pytestmark = [pytest.mark.interpreter, pytest.mark.botocore]

EMPTY_NAME = (
    "2 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular "
    "expression pattern: [a-zA-Z0-9_.-]+; Value '' at 'streamName' failed to satisfy constraint: Member must have "
    "length greater than or equal to 1"
)
STREAM_ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"


def config_of(**settings: Any) -> Config:
    """A configuration with settings that the stubs do not know."""
    return Config(**settings)


def use(client: Any) -> None:
    """Let a client go through the main job in a fake that is active."""
    client.create_stream(StreamName="orders", ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName="orders")
    client.put_record(StreamName="orders", Data=b"by name", PartitionKey="k")
    client.put_records(StreamARN=STREAM_ARN, Records=[{"Data": b"by ARN", "PartitionKey": "k"}])
    iterator = client.get_shard_iterator(
        StreamName="orders", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert [record["Data"] for record in client.get_records(ShardIterator=iterator)["Records"]] == [
        b"by name",
        b"by ARN",
    ]
    with refused(client, "ResourceNotFoundException", "Stream invoices under account 123456789012 not found."):
        client.delete_stream(StreamName="invoices")


CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "nothing given": {},
    "region": {"region_name": "us-east-1"},
    "region in the config": {"config": Config(region_name="us-east-1")},
    "FIPS": {"config": Config(use_fips_endpoint=True)},
    "FIPS by the name of the region": {"region_name": "fips-us-east-1"},
    "dual-stack": {"config": Config(use_dualstack_endpoint=True)},
    "FIPS and dual-stack": {"config": Config(use_fips_endpoint=True, use_dualstack_endpoint=True)},
    "endpoint": {"endpoint_url": "http://localhost:4566"},
    "endpoint that does not resolve": {"endpoint_url": "https://kinesis.invalid:1/somewhere"},
    "VPC endpoint": {"endpoint_url": "https://vpce-1-2.kinesis.us-east-1.vpce.amazonaws.com"},
    "without TLS": {"use_ssl": False},
    "without verifying": {"verify": False},
    "its own certificates": {"verify": "/no/such/bundle.pem"},
    "unsigned": {"config": Config(signature_version=UNSIGNED)},
    "another signature": {"config": Config(signature_version="v4a")},
    "legacy retries": {"config": Config(retries={"mode": "legacy", "max_attempts": 2})},
    "standard retries": {"config": Config(retries={"mode": "standard", "total_max_attempts": 2})},
    "adaptive retries": {"config": Config(retries={"mode": "adaptive"})},
    "no retries": {"config": Config(retries={"total_max_attempts": 1})},
    "a proxy": {"config": Config(proxies={"https": "http://proxy.invalid:3128"})},
    "timeouts": {"config": Config(connect_timeout=0.001, read_timeout=0.001)},
    "a pool": {"config": Config(max_pool_connections=1, tcp_keepalive=True)},
    "a user agent": {"config": config_of(user_agent_extra="extra", user_agent_appid="app")},
    "no validation": {"config": Config(parameter_validation=False)},
    "no host prefix": {"config": Config(inject_host_prefix=False)},
    "defaults by guess": {"config": config_of(defaults_mode="auto")},
    "standard defaults": {"config": config_of(defaults_mode="standard")},
    "a client certificate": {"config": Config(client_cert="/no/such/cert.pem")},
    "compression": {"config": Config(request_min_compression_size_bytes=1)},
    "checksums": {"config": Config(request_checksum_calculation="when_supported")},
    "keys": {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret", "aws_session_token": "token"},
    "an API version": {"api_version": "2013-12-02"},
}  # fmt: skip


@pytest.mark.parametrize("parameters", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
@pytest.mark.thorough_but("nothing given", "endpoint", "unsigned", "standard retries", "no validation")
def test_a_boto3_client_works(kinesis: KinesisFake, parameters: dict[str, Any]) -> None:
    use(boto3.client("kinesis", **parameters))


@pytest.mark.parametrize("parameters", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
@pytest.mark.thorough_but("region", "FIPS", "endpoint", "dual-stack", "unsigned", "adaptive retries", "no validation")
def test_a_client_made_before_the_fake_works(parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # or botocore would look for the defaults of its machine
    known = {"region_name": "us-east-1", "aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
    client = boto3.client("kinesis", **{**known, **parameters})
    with fake_kinesis():
        use(client)


@pytest.mark.parametrize("parameters", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
@pytest.mark.thorough_but("nothing given", "region", "adaptive retries")
def test_a_client_of_the_fake_works(kinesis: KinesisFake, parameters: dict[str, Any]) -> None:
    use(kinesis.client(**parameters))


WAYS: dict[str, Callable[[], Any]] = {
    "boto3": lambda: boto3.client("kinesis"),
    "a boto3 session": lambda: boto3.Session().client("kinesis"),
    "a boto3 session with a region": lambda: boto3.Session(region_name="us-east-1").client("kinesis"),
    "a botocore session": lambda: botocore.session.get_session().create_client("kinesis"),
    "all by position": lambda: botocore.session.get_session().create_client("kinesis", None, None, True, None, None),
    "all by name": lambda: botocore.session.get_session().create_client(service_name="kinesis", region_name=None),
    "a boto3 session of a botocore session": lambda: boto3.Session(
        botocore_session=botocore.session.get_session()
    ).client("kinesis"),
    "a session without handlers": lambda: botocore.session.Session(include_builtin_handlers=False).create_client(
        "kinesis"
    ),
}


@pytest.mark.parametrize("make", WAYS.values(), ids=WAYS)
def test_a_client_works_in_whichever_way_it_is_made(kinesis: KinesisFake, make: Callable[[], Any]) -> None:
    use(make())


def test_the_session_may_have_been_made_before_the_fake() -> None:
    session = boto3.Session()
    with fake_kinesis():
        use(session.client("kinesis"))


def test_a_client_of_another_service_is_made_as_always(kinesis: KinesisFake) -> None:
    with pytest.raises(NetworkTouched, match=r"169\.254\.169\.254"):  # where a machine of EC2 learns its region
        boto3.client("firehose", config=config_of(defaults_mode="auto"))


# --- the environment and files --------------------------------------------------------------------------------------

ENVIRONMENTS = {
    "endpoint": {"AWS_ENDPOINT_URL": "http://localhost:4566"},
    "endpoint of Kinesis": {"AWS_ENDPOINT_URL_KINESIS": "http://localhost:4567"},
    "FIPS and dual-stack": {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "region": {"AWS_DEFAULT_REGION": "us-east-1"},
    "retries": {"AWS_RETRY_MODE": "adaptive", "AWS_MAX_ATTEMPTS": "2"},
    "defaults by guess": {"AWS_DEFAULTS_MODE": "auto"},
    "keys": {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"},
    "an empty key": {"AWS_ACCESS_KEY_ID": ""},
    "a container's credentials": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"},
    "a task's credentials": {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials"},
    "a web identity": {
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/no/such/token",
    },
    "a proxy": {"HTTPS_PROXY": "http://proxy.invalid:3128"},
    "a function of Lambda": {"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13", "AWS_REGION": "us-east-1"},
}

PROFILES = {
    "keys": "aws_access_key_id = AKIA\naws_secret_access_key = secret\n",
    "a role": "role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = other\n",
    "a role with keys": (
        "role_arn = arn:aws:iam::123456789012:role/x\ncredential_source = EcsContainer\n"
        "aws_access_key_id = AKIA\naws_secret_access_key = secret\n"
    ),
    "a role of the machine": "role_arn = arn:aws:iam::123456789012:role/x\ncredential_source = Ec2InstanceMetadata\n",
    "single sign-on": (
        "sso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\n"
        "sso_role_name = x\n"
    ),
    "a process": "credential_process = /no/such/program\n",
    "a region": "region = us-east-1\n",
    "an endpoint": "endpoint_url = http://localhost:4566\n",
    "services": "services = local\n[services local]\nkinesis =\n  endpoint_url = http://localhost:4566\n",
}


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
@pytest.mark.thorough_but("endpoint of Kinesis", "region", "retries", "a function of Lambda")
def test_the_environment_may_say_what_it_likes(kinesis: KinesisFake, environment: dict[str, str]) -> None:
    # Undone before the fake is left: what the fake itself has put into the environment must not come back afterwards.
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        before = dict(os.environ)
        use(boto3.client("kinesis"))
        assert dict(os.environ) == before


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("chosen", ["by the environment", "by the session"])
@pytest.mark.thorough_but("by the environment-a role", "by the session-an endpoint", "by the session-single sign-on")
def test_a_profile_may_say_what_it_likes(
    kinesis: KinesisFake, profile: str, chosen: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(f"[profile mine]\n{profile}\n[profile other]\naws_access_key_id = A\naws_secret_access_key = S\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    if chosen == "by the environment":
        monkeypatch.setenv("AWS_PROFILE", "mine")
        use(boto3.client("kinesis"))
    else:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials")
        use(boto3.Session(profile_name="mine").client("kinesis"))


def test_a_profile_that_does_not_exist_is_refused_as_always(
    kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    with pytest.raises(botocore.exceptions.ProfileNotFound, match=r"^The config profile \(mine\) could not be found$"):
        boto3.client("kinesis")


def test_half_a_pair_of_keys_is_refused_as_always(kinesis: KinesisFake) -> None:
    with pytest.raises(botocore.exceptions.PartialCredentialsError):
        botocore.session.get_session().create_client("kinesis", aws_access_key_id="AKIA")


def test_credentials_that_would_be_refreshed_are_not() -> None:
    def refresh() -> dict[str, str]:
        raise AssertionError("the client asked for credentials")

    session = botocore.session.get_session()
    vars(session)["_credentials"] = RefreshableCredentials(
        access_key="AKIA",
        secret_key="secret",
        token="token",
        expiry_time=datetime(2020, 1, 1, tzinfo=timezone.utc),
        refresh_using=refresh,
        method="test",
    )
    early = session.create_client("kinesis", region_name="us-east-1")
    with fake_kinesis():
        use(early)
    with fake_kinesis():
        use(session.create_client("kinesis"))


@pytest.mark.parametrize("parameters", [{}, {"config": Config()}, {"region_name": "eu-west-1"}])
def test_a_client_of_the_fake_does_not_depend_on_the_machine(
    kinesis: KinesisFake, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-central-1\nretry_mode = adaptive\nmax_attempts = 7\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "no such profile")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    monkeypatch.setattr("kinesis_fake.botocore_hook.clients._prototypes", {})
    monkeypatch.setattr("kinesis_fake.botocore_hook.clients._session", None)
    client = kinesis.client(**parameters)
    region_name = parameters.get("region_name", "us-east-1")
    assert client.meta.region_name == region_name
    assert client.meta.endpoint_url == f"https://kinesis.{region_name}.amazonaws.com"
    retries = vars(client.meta.config)["retries"]
    assert retries["mode"] != "adaptive"
    assert retries.get("total_max_attempts") is None


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.thorough_but("adaptive")
def test_clients_of_the_same_configuration_share_nothing_that_changes(kinesis: KinesisFake, mode: str) -> None:
    first, second = (
        kinesis.client(config=config_of(retries={"mode": mode, "total_max_attempts": 2})) for _ in range(2)
    )
    heard: list[str] = []
    first.meta.events.register("before-call.kinesis", lambda **_: heard.append("a call"))
    second.list_streams()
    assert heard == []
    first.list_streams()
    assert heard == ["a call"]
    # A client's quota of retries is 500, and a retry after a throttle takes 5 of it.
    kinesis.inject(Fault.throttle("ListStreams", times=None))
    for client in (first, second):
        attempts = 0
        for _ in range(150):
            with refused(client, "LimitExceededException") as caught:
                client.list_streams()
            attempts += 1 + caught.value.response["ResponseMetadata"]["RetryAttempts"]
        assert attempts == 300 if mode == "legacy" else attempts == 250


def test_clients_of_different_configurations_are_different(kinesis: KinesisFake) -> None:
    checked = kinesis.client(config=Config(parameter_validation=True))
    unchecked = kinesis.client(config=Config(parameter_validation=False))
    with pytest.raises(ParamValidationError):
        checked.describe_stream(StreamName="")
    with refused(unchecked, "ValidationException", EMPTY_NAME):
        unchecked.describe_stream(StreamName="")


def test_a_configuration_that_was_changed_after_it_was_made_holds_as_it_is(kinesis: KinesisFake) -> None:
    def timeout_of(config: Config) -> Any:
        return vars(kinesis.client(config=config).meta.config)["read_timeout"]

    config: Any = Config()
    kinesis.client(config=config)
    config.read_timeout = 5
    assert timeout_of(config) == 5
    assert timeout_of(Config()) == 60


def test_the_region_of_a_configuration_holds_where_no_other_is_given(kinesis: KinesisFake) -> None:
    config = Config(region_name="eu-west-1")
    assert kinesis.client(config=config).meta.region_name == "eu-west-1"
    assert kinesis.client(config=config, region_name="eu-north-1").meta.region_name == "eu-north-1"
    assert kinesis.client(config=Config()).meta.region_name == "us-east-1"


def test_the_handlers_of_a_client_are_asked_about_its_endpoint(kinesis: KinesisFake) -> None:
    client, other = kinesis.client(), kinesis.client()
    asked: list[str] = []
    client.meta.events.register("before-endpoint-resolution.kinesis", lambda model, **_: asked.append(model.name))
    other.describe_limits()
    client.list_streams()
    assert asked == ["ListStreams"]
