"""Child processes while a fake is active.

A process that is forked has a copy of the fake. Any other child begins without one, and its Kinesis calls would go to
AWS. So as long as a fake is active the environment, which children inherit, names an endpoint that nobody listens
at; all of AWS's SDKs honour it. A child of :mod:`multiprocessing`, and any other that imports this package, says more:
its calls raise an error that tells what to do.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from kinesis_fake.misuse import KinesisFakeError
from kinesis_fake.process.fork_locks import brief
from kinesis_fake.process.patches import Replacements

_VARIABLE = "AWS_ENDPOINT_URL_KINESIS"
#: Shown to whoever tries to connect to it.
_ENDPOINT = "http://127.0.0.1:1/no-fake-of-kinesis-is-active-in-this-process"


class _Beginning:
    """Pickled with a process that is started; unpickling it in the child runs a function there."""

    def __init__(self, begin_child: Callable[[], None]) -> None:
        self._begin_child = begin_child

    def __reduce__(self) -> tuple[Any, ...]:
        return self._begin_child, ()


class Children:
    """What children of this process find, as long as a fake is active; and whether this process is one of them."""

    def __init__(self) -> None:
        #: Whether this process was started by one in which a fake was active, and has no copy of that.
        self.is_child = os.environ.get(_VARIABLE) == _ENDPOINT
        self._lock = brief(threading.Lock())
        self._holders = 0
        self._endpoint_before: str | None = None
        self._replacements = Replacements()

    def acquire(self, begin_child: Callable[[], None]) -> None:
        """A fake is active: children find it out, and those of multiprocessing call a function of a module first."""
        with self._lock:
            self._holders += 1
            if self._holders == 1 and not self.is_child:
                before = os.environ.get(_VARIABLE)
                # Ours, if somebody has found that during an earlier stay and put it back.
                self._endpoint_before = before if before != _ENDPOINT else None
                os.environ[_VARIABLE] = _ENDPOINT
                self._replace_start(begin_child)

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0 and not self.is_child:
                self._replacements.undo()
                # What somebody else has put there in the meantime stays theirs.
                if os.environ.get(_VARIABLE) == _ENDPOINT:
                    if self._endpoint_before is None:
                        del os.environ[_VARIABLE]
                    else:
                        os.environ[_VARIABLE] = self._endpoint_before

    def become_child(self, begin_child: Callable[[], None]) -> None:
        """This process was started by one in which a fake is active; so are those that it starts, to the end."""
        self._replace_start(begin_child)
        self.is_child = True
        os.environ[_VARIABLE] = _ENDPOINT

    def refuse(self) -> None:
        """Refuse a call that belongs to no fake, in a process that was started by one in which a fake is active."""
        if self.is_child:
            raise KinesisFakeError(
                "This process was started by one in which a fake of Kinesis is active, but has none itself; nothing "
                "was sent to AWS. Enter a fake in this process, or use threads, which share the fake, or processes "
                "that are forked, which have a copy of it."
            )

    def environment_of_clients(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """The environment as it would be for the clients of this process if it were not meant for children."""
        if environ.get(_VARIABLE) != _ENDPOINT:
            return environ
        shown = {name: value for name, value in environ.items() if name != _VARIABLE}
        if self._endpoint_before is not None:
            shown[_VARIABLE] = self._endpoint_before
        return shown

    def _replace_start(self, begin_child: Callable[[], None]) -> None:
        # What all kinds of processes of multiprocessing are, those of concurrent.futures too.
        from multiprocessing.process import BaseProcess

        def announced(original: Callable[[Any], None]) -> Callable[[Any], None]:
            def start(process: Any) -> None:
                process._kinesis_fake = _Beginning(begin_child)
                try:
                    original(process)
                finally:
                    # It may be gone: somebody has wrapped what an earlier stay put here, and that is wrapped again.
                    vars(process).pop("_kinesis_fake", None)

            return start

        self._replacements.make(BaseProcess, "start", announced)
