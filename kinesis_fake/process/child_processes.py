"""Child processes while a fake is active.

A process that is forked has a copy of the fake. Any other child begins without one, and its Kinesis calls would go to
AWS. So as long as a fake is active the environment, which children inherit, names an endpoint that no program listens
at; all of AWS's SDKs honour it. A child of :mod:`multiprocessing`, and any other that imports this package, says more:
its calls raise an error that tells what to do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from kinesis_fake.process.late_imports import LateImports
from kinesis_fake.process.outside_calls import OUTSIDE_CALLS
from kinesis_fake.process.patches import PatchedVariable, Patches
from kinesis_fake.process.undoing import UndoStack

#: The module with the base class of all processes of multiprocessing, and so of those of concurrent.futures.
_PROCESSES = "multiprocessing.process"
_VARIABLE = "AWS_ENDPOINT_URL_KINESIS"
#: The error of a client that tries to connect to it shows this text.
_ENDPOINT = "http://127.0.0.1:1/no-fake-of-kinesis-is-active-in-this-process"


class _Beginning:
    """Pickled with a process that is started; unpickling it in the child runs a function there."""

    def __init__(self, begin_child: Callable[[], None]) -> None:
        self._begin_child = begin_child

    def __reduce__(self) -> tuple[Any, ...]:
        return self._begin_child, ()


class ChildProcesses:
    """What children of this process find as long as a fake is active, and whether this process is such a child."""

    def __init__(self) -> None:
        #: Whether this process was started by one in which a fake was active, and has no copy of that.
        self.is_child: bool = os.environ.get(_VARIABLE) == _ENDPOINT
        self._endpoint = PatchedVariable(os.environ, _VARIABLE, _ENDPOINT)
        self._patches = Patches()
        self._late_imports: LateImports | None = None

    def announce(self, begin_child: Callable[[], None], was_imported: Callable[[str], object], undo: UndoStack) -> None:
        """Tell children that a fake is active. A child of multiprocessing calls ``begin_child`` first.

        Loading multiprocessing takes a tenth of all that the first fake of a process loads. If the process has not
        loaded it, ``was_imported`` is called when it does, and has to announce the fake once more.
        """
        if self.is_child:
            return
        self._endpoint.set(undo)
        if _PROCESSES in sys.modules:
            self._replace_start(begin_child, undo)
        else:
            self._late_imports = self._late_imports or LateImports((_PROCESSES,), was_imported)
            self._late_imports.watch(undo)

    def become_child(self, begin_child: Callable[[], None], undo: UndoStack) -> None:
        """Note that a process in which a fake is active has started this one; its own children are told the same."""
        self._replace_start(begin_child, undo)
        self.is_child = True
        OUTSIDE_CALLS.refuse_from_now_on(
            "This process was started by one in which a fake of Kinesis is active, but has none itself; nothing was "
            "sent to AWS. Enter a fake in this process, or use threads, which share the fake, or processes that are "
            "forked, which have a copy of it.",
            see="child-process",
        )
        os.environ[_VARIABLE] = _ENDPOINT

    def environment_of_clients(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """The environment for clients of this process: without the endpoint, which is meant for its children."""
        if environ.get(_VARIABLE) != _ENDPOINT:
            return environ
        shown = {name: value for name, value in environ.items() if name != _VARIABLE}
        if self._endpoint.before is not None:
            shown[_VARIABLE] = self._endpoint.before
        return shown

    def _replace_start(self, begin_child: Callable[[], None], undo: UndoStack) -> None:
        from multiprocessing.process import BaseProcess

        def announced(original: Callable[[Any], None]) -> Callable[[Any], None]:
            def start(process: Any) -> None:
                process._kinesis_fake = _Beginning(begin_child)
                try:
                    original(process)
                finally:
                    # Another replacement of an earlier fake, which another patcher has wrapped, may have removed it
                    # already.
                    vars(process).pop("_kinesis_fake", None)

            return start

        self._patches.replace(BaseProcess, "start", announced, undo)
