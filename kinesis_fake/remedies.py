"""``python -m kinesis_fake explain TOPIC``: the cause and the remedy of each kind of error that the fake itself raises.

The page *Troubleshooting* shows the same texts; ``python docs/remedies.py --write`` copies them there.
"""

from __future__ import annotations

from kinesis_fake.misuse import Topic
from kinesis_fake.named_tuples import NamedTuple


class Remedy(NamedTuple):
    """The cause of an error, in one line, and its remedy, in a few sentences of Markdown."""

    title: str
    text: str


REMEDIES: dict[Topic, Remedy] = {
    "misuse": Remedy(
        "a value does not fit",
        """\
*... must be ..., not ...* and *... takes ...*: an option, an argument of a view
or an argument of a fault has a value that the fake cannot use. The message says
which values fit. A boolean does not count as a number, nor a number as a
boolean.""",
    ),
    "not-there": Remedy(
        "nothing has that name",
        """\
*There is no stream 'orders' in us-east-1; ...*: the test asks for a stream, a
shard, a queue or a channel that the fake does not have. The message lists those
that exist, and it says so if another region or account has one of that name.
*... is no operation of Kinesis*: write operations as the API does, such as
`PutRecord`.""",
    ),
    "left": Remedy(
        "the fake has been left",
        """\
*This client belongs to a fake that has been left*: a client or an event stream
has outlived its fake. Make clients inside the fake that shall answer them.
*This fake was left while another one was still active inside it*: the test has
left two fakes in the wrong order. Enter them with `with`, the decorator or the
fixtures, which keep the order.
*work() returned a generator, which would run after its fake has been left* (or
a coroutine): another decorator stands between `@fake_kinesis` and the function.
Put `@fake_kinesis` right above its `def`.""",
    ),
    "several-fakes": Remedy(
        "several fakes are active",
        """\
*2 fakes are active in this process and this thread or task entered none of
them*: the fake cannot know which of them shall answer the call. Use a client
that `kinesis.client()` has made, or run the call in a copy of the context that
has entered a fake (`contextvars.copy_context().run`).""",
    ),
    "child-process": Remedy(
        "a child process has no fake",
        """\
*This process was started by one in which a fake of Kinesis is active*: a
spawned process shares nothing with the test. Enter a fake in the child, or use
threads, or fork the child.""",
    ),
    "outside-call": Remedy(
        "a call was made outside of any fake",
        """\
*This Kinesis call was made outside of any fake*: the ini option
`kinesis_outside_calls = refuse` keeps such calls from AWS. Let the test use the
fixture `kinesis`. If a thread or an exit handler made the call, let the test
stop what it has started before the test ends.""",
    ),
    "clock": Remedy(
        "the clock cannot do that",
        """\
*Virtual time cannot go back*: give `travel_to()` an instant that is not in the
past, and start a fake that shall begin earlier with `start=`. *A clock that
follows the system clock cannot have a start*: leave out `start=` or
`clock="system"`.""",
    ),
    "waiting": Remedy(
        "code waits for something that never comes",
        """\
A loop of the code under test waits for a clock that the fake does not move, or
it reads the same place of a shard again and again. The message says what kind
of loop it is and which option helps: `virtual_sleep` lets sleeps and timeouts
take virtual time, and `clock="shared"` lets the clocks of the process show it.""",
    ),
    "unused-fault": Remedy(
        "a fault was never used",
        """\
*The fault was never used*: the test has ordered a failure, and no call has met
it, so the test has proved nothing. Check the operation and the filters of the
fault, and whether the code under test calls at all. If a fault may remain
unused, take it away with `remove()` before the test ends.""",
    ),
    "swallowed": Remedy(
        "the code under test has swallowed an error",
        """\
*The code under test has swallowed an error of the fake*: an `except Exception`
of the code under test has caught a `KinesisFakeError`. AWS has refused nothing:
the test is wrong, or the fake does not model what it asks for. Correct what the
swallowed error says. A test that expects the error catches it by its name, with
`pytest.raises(KinesisFakeError)`.""",
    ),
    "restored": Remedy(
        "restore() has replaced the state",
        """\
*This view is of a state of the fake that restore() has replaced*: after
`kinesis.restore()` ask for a new view, iterator or event stream.""",
    ),
    "not-modelled": Remedy(
        "the fake does not model it",
        """\
`NotModelledError`: the call reached an operation, a member or a situation that
the fake does not model, and nothing was sent to AWS. The page *Fidelity* lists
what is not modelled. If botocore is newer than kinesis_fake, upgrade
kinesis_fake.""",
    ),
    "installed-versions": Remedy(
        "versions do not fit, or a package is missing",
        """\
*kinesis_fake relies on botocore....*: the installed botocore or aiobotocore
has changed. Install a newer kinesis_fake, or the older package that the message
names. *... is not installed*: an optional package is missing, and the message
has the command that installs it. `python -m kinesis_fake doctor` shows all
versions.""",
    ),
    "lambda": Remedy(
        "a Lambda mapping refuses something, or does not end",
        """\
*drain() has come to its limit*: the mapping still has something to do, often
because the handler fails for one record again and again. The message shows
which shard is blocked and what the handler raised. *An event of Lambda has the
records of one shard*: use `kinesis.lambda_events(...)`, which makes the events
of each shard in turn.""",
    ),
}


def explanation(topic: Topic) -> str:
    """The text that ``explain`` prints about a topic."""
    remedy = REMEDIES[topic]
    return f"{topic}: {remedy.title}\n\n{remedy.text}"


def topics() -> str:
    """The text that ``explain`` prints without a topic: all topics, one per line."""
    width = max(map(len, REMEDIES))
    return "\n".join(f"{topic:{width}}  {remedy.title}" for topic, remedy in REMEDIES.items())
