"""A botocore or aiobotocore without a name that the fake relies on: it is refused in words, and leaves nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import boto3
import botocore
import botocore.client
import botocore.configprovider
import botocore.eventstream
import botocore.handlers
import botocore.hooks
import botocore.regions
import botocore.session
import pytest

from kinesis_fake import KinesisFakeError, fake_kinesis
from kinesis_fake.botocore_hook import ACTIVE_FAKES
from kinesis_fake.botocore_hook.guard import _LOADED_PACKAGES
from kinesis_fake.botocore_hook.relied_on import NAMES


def is_inherited(module: str, name: str) -> bool:
    """Whether a class inherits a method of the same name, and so still has one when its own is removed."""
    owner, _, method = name.rpartition(".")
    return bool(owner) and any(hasattr(base, method) for base in getattr(sys.modules[module], owner).__mro__[1:])


NAMES_OF_BOTOCORE = [
    (module, name) for module, name, _ in NAMES if module.startswith("botocore.") and not is_inherited(module, name)
]


def refusal(name: str) -> str:
    return (
        f"kinesis_fake relies on botocore.{name}, which the installed botocore 9.9.9 does not have. "
        "Install a newer kinesis_fake, or an older botocore."
    )


#: Prints what entering a fake says, twice, then whether anything is left, and then what the doctor says.
PROGRAM = """
import importlib, os, sys
import botocore, botocore.client, botocore.session
{break_it}
botocore.__version__ = "9.9.9"
from kinesis_fake import KinesisFakeError, fake_kinesis
for _ in range(2):
    try:
        fake_kinesis().start()
    except KinesisFakeError as error:
        print(error)
print(hasattr(botocore.client.BaseClient._make_request, "__wrapped__"), "AWS_ENDPOINT_URL_KINESIS" in os.environ)
from kinesis_fake.doctor import main
main()
"""


def run(break_it: str) -> tuple[list[str], str, int]:
    program = PROGRAM.format(break_it=break_it)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.stdout.splitlines(), done.stderr, done.returncode


def thorough_but(*names: str) -> list[Any]:
    return [
        pytest.param(module, name, marks=() if name in names else pytest.mark.thorough, id=f"{module}.{name}")
        for module, name in NAMES_OF_BOTOCORE
        if name != "BaseClient._make_request"  # the program itself looks at it
    ]


@pytest.mark.parametrize(("module", "name"), thorough_but("RetryHandler", "Session.SESSION_VARIABLES"))
def test_a_name_that_is_missing_before_the_first_fake_is_refused_and_the_doctor_tells_it(
    module: str, name: str
) -> None:
    owner, _, last = f"{module}.{name}".rpartition(".")
    lines, errors, status = run(
        f"module = importlib.import_module('{module}')\nexec('del ' + '{owner}.{last}', {{'botocore': botocore}})"
    )
    # Of a class that is gone, the first row tells.
    first = next(row[1] for row in NAMES if row[0] == module and f"{row[1]}.".startswith(f"{name}."))
    words = refusal(f"{module}.{first}".partition(".")[2])
    assert lines[:3] == [words, words, "False False"], errors
    assert f"  A fake cannot be entered: {words}" in lines
    assert (errors, status) == ("", 1)


def test_a_module_that_is_missing_is_refused_and_the_doctor_tells_it() -> None:
    gone = (
        "class Gone:\n    def find_spec(self, name, *rest):\n        if name == 'botocore.retries.standard':\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Gone()); sys.modules.pop('botocore.retries.standard', None)"
    )
    lines, errors, status = run(gone)
    words = refusal("retries.standard")
    assert lines[:3] == [words, words, "False False"], errors
    assert f"  A fake cannot be entered: {words}" in lines
    assert (errors, status) == ("", 1)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (botocore.eventstream.EventStream, "_parse_event"),
        (botocore.hooks.HierarchicalEmitter, "_emit"),
        (botocore.regions.EndpointRulesetResolver, "_get_provider_params"),
        (botocore.session.Session, "SESSION_VARIABLES"),
        (botocore.handlers, "REGISTER_FIRST"),
        (botocore.hooks, "NodeList"),
        (botocore.configprovider, "ConstantProvider"),
    ],
)
def test_a_botocore_that_is_loaded_anew_without_a_name_is_refused_by_the_next_fake(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    with fake_kinesis():
        pass
    monkeypatch.setattr(_LOADED_PACKAGES, "_found", [])  # as if botocore had been loaded anew
    monkeypatch.delattr(owner, name)
    monkeypatch.setattr(botocore, "__version__", "9.9.9")
    with pytest.raises(KinesisFakeError) as caught:
        fake_kinesis(streams={"orders": 1}).start()
    module = owner.__name__ if isinstance(owner, type(botocore)) else f"{owner.__module__}.{owner.__name__}"
    assert str(caught.value) == refusal(f"{module}.{name}".partition(".")[2])
    assert len(ACTIVE_FAKES) == 0
    monkeypatch.undo()
    with fake_kinesis(streams={"orders": 1}):
        assert boto3.client("kinesis").list_streams()["StreamNames"] == ["orders"]


@pytest.mark.parametrize("path", ["_ruleset_resolver", "_request_signer", "_user_agent_creator.to_string"])
def test_a_client_that_lacks_an_attribute_is_refused_when_it_is_made(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    original = botocore.client.ClientCreator.create_client

    def create_client(self: Any, *args: Any, **kwargs: Any) -> Any:
        client = original(self, *args, **kwargs)
        delattr(client, path.split(".")[0])
        return client

    monkeypatch.setattr(botocore.client.ClientCreator, "create_client", create_client)
    monkeypatch.setattr(botocore, "__version__", "9.9.9")
    with fake_kinesis():
        with pytest.raises(KinesisFakeError) as caught:
            boto3.session.Session().client("kinesis")
    assert str(caught.value) == refusal(f"client.BaseClient().{path}")
