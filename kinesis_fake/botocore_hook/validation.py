"""What Kinesis refuses before it looks at any state: wrong JSON types, and values that break the model's constraints.

Both are compiled once per operation from the botocore model. :meth:`OperationValidator.deserialize` turns the JSON
document of a request into Python values, as ``json_types`` says; :meth:`OperationValidator.check` reports every broken
constraint in one ValidationException.

``check`` runs on every call, so a constraint is compiled twice from the same facts: into a predicate that answers
yes or no quickly, and into a generator of texts that is run only when a predicate has said no.

Sources: section 4 of the error catalogue (``K``: recorded by kinesalite's suite), and the botocore model (``B``).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape

from kinesis_fake import errors
from kinesis_fake.botocore_hook.json_types import MAXIMUM_LONG, Converter, converter_of
from kinesis_fake.misuse import NotModelledError
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.operations.plain_records import PlainRecords
from kinesis_fake.operations.registry import OPERATIONS

Predicate = Callable[[Any], object]  # true or false; a regular expression's match will do

# --- where the recordings differ from the model --------------------------------------------------------------------

#: The order in which the service checks the members of a PutRecords record, as recorded (error catalogue 4.1). The
#: orders of whole requests are arguments of ``@operation``.
MEMBER_ORDER: dict[str, tuple[str, ...]] = {
    "PutRecordsRequestEntry": ("PartitionKey", "ExplicitHashKey", "Data"),
}


class Override(NamedTuple):
    """Where the service differs from the model of one shape. A field that is None leaves the model as it is."""

    source: str
    minimum: int | None = None
    pattern: str | None = None
    enum_order: tuple[str, ...] = ()
    required: bool | None = None


OVERRIDES: dict[str, Override] = {
    # The model has no range. The upper end depends on state, and has its own text.
    "RetentionPeriodHours": Override("K:increaseStreamRetentionPeriod, K:decreaseStreamRetentionPeriod", minimum=1),
    # Older models do not anchor these two, and AWS does today (R:records).
    "HashKey": Override("R:records", pattern=r"^(0|([1-9]\d{0,38}))$"),
    "SequenceNumber": Override("R:records", pattern=r"^(0|([1-9]\d{0,128}))$"),
    "StreamMode": Override("R:controls", enum_order=("ON_DEMAND", "PROVISIONED")),
    "MetricsName": Override(
        "R:controls",
        enum_order=(
            "ALL",
            "IteratorAgeMilliseconds",
            "IncomingBytes",
            "WriteProvisionedThroughputExceeded",
            "OutgoingRecords",
            "ReadProvisionedThroughputExceeded",
            "IncomingRecords",
            "OutgoingBytes",
        ),
    ),
    "ShardIteratorType": Override(
        "K:getShardIterator",
        enum_order=("AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"),
    ),
    # Models before RecordDistributionStrategy require it. Today the stream decides, which is state.
    "PartitionKey": Override("B:1.44.5 PutRecord, PutRecordsRequestEntry", required=False),
}

# --- constraints of one shape --------------------------------------------------------------------------------------


class Constraints(NamedTuple):
    """The constraints on a value of one shape, without those on what it contains."""

    enum: tuple[str, ...]
    pattern: str | None
    minimum: int | None
    maximum: int | None
    measured: Literal["length", "value"]

    @classmethod
    def of(cls, shape: Shape) -> Constraints:
        override = OVERRIDES.get(shape.name, Override(""))
        enum = tuple(shape.enum) if isinstance(shape, StringShape) else ()
        return cls(
            enum=tuple(_in_order(enum, override.enum_order)),
            pattern=shape.metadata.get("pattern") if override.pattern is None else override.pattern,
            minimum=shape.metadata.get("min") if override.minimum is None else override.minimum,
            maximum=shape.metadata.get("max"),
            measured="value" if shape.type_name in ("integer", "long") else "length",
        )

    @property
    def enum_text(self) -> str:
        return f"Member must satisfy enum value set: [{', '.join(self.enum)}]"

    @property
    def pattern_text(self) -> str:
        return f"Member must satisfy regular expression pattern: {self.pattern}"

    @property
    def minimum_text(self) -> str:
        return f"Member must have {self.measured} greater than or equal to {self.minimum}"

    @property
    def maximum_text(self) -> str:
        return f"Member must have {self.measured} less than or equal to {self.maximum}"

    def broken_by(self, value: Any) -> Iterator[str]:
        """The texts of the constraints that ``value`` breaks, in the recorded order."""
        if self.enum and value not in self.enum:
            yield self.enum_text
        if self.pattern is not None and not re.fullmatch(self.pattern, value, re.ASCII):
            yield self.pattern_text
        if self.minimum is not None and self._size_of(value) < self.minimum:
            yield self.minimum_text
        if self.maximum is not None and self._size_of(value) > self.maximum:
            yield self.maximum_text

    def _size_of(self, value: Any) -> int:
        return len(value) if self.measured == "length" else int(value)

    def __str__(self) -> str:
        """All constraints in one text, as the service words them when an item of a list or a map breaks any."""
        texts = (
            self.enum_text if self.enum else None,
            self.maximum_text if self.maximum is not None else None,
            self.minimum_text if self.minimum is not None else None,
            self.pattern_text if self.pattern is not None else None,
        )
        return f"[{', '.join(text for text in texts if text is not None)}]"

    def test(self) -> Test | None:
        """The quick test of whether a value breaks nothing; None if no value can break anything."""
        is_bounded = self.minimum is not None or self.maximum is not None
        least = -MAXIMUM_LONG - 1 if self.minimum is None else self.minimum
        most = MAXIMUM_LONG if self.maximum is None else self.maximum
        if self.enum:
            return Test(frozenset(self.enum).__contains__)
        if self.measured == "value":
            return Test(lambda value: least <= value <= most) if is_bounded else None
        matches = re.compile(self.pattern, re.ASCII).fullmatch if self.pattern is not None else None
        if is_bounded:
            return Test(matches, least, most)
        return Test(matches) if matches is not None else None


# --- constraints of a whole request --------------------------------------------------------------------------------


class Test(NamedTuple):
    """A value passes if its length lies between these bounds and the predicate is true of it.

    The length comes first, because it bounds what a regular expression may cost. It is no part of the predicate,
    because comparing numbers costs less than a call.
    """

    predicate: Predicate | None
    shortest: int = 0
    longest: int | None = None

    def passes(self, value: Any) -> object:
        """Whether a value passes the whole test. Structures use the parts of their members' tests directly."""
        if self.longest is not None and not self.shortest <= len(value) <= self.longest:
            return False
        return self.predicate is None or self.predicate(value)

    def quickest(self) -> Predicate:
        """The whole test as one function, for values of which there may be many."""
        return self.predicate if self.longest is None and self.predicate is not None else self.passes


class Check(NamedTuple):
    """The constraints on a value of one shape and on all that it contains."""

    test: Test
    #: Takes a path and the value there, and gives the items of the ValidationException; none if the value passes.
    items: Callable[[str, Any], Iterator[str]]
    #: Tests many structures at once, from a column of values for each member. None for shapes other than structures.
    columns_pass: Callable[[Mapping[str, Collection[Any]]], bool] | None = None


def _check(shape: Shape) -> Check | None:
    """The check of a shape; None if no value of it can break anything."""
    if isinstance(shape, StructureShape):
        return _check_structure(shape)
    if isinstance(shape, ListShape):
        return _check_list(shape)
    if isinstance(shape, MapShape):
        return _check_map(shape)
    return _check_itself(shape)


def _check_itself(shape: Shape) -> Check | None:
    constraints = Constraints.of(shape)
    test = constraints.test()

    def items(path: str, value: Any) -> Iterator[str]:
        return (_item(path, _shown(shape, value), text) for text in constraints.broken_by(value))

    return None if test is None else Check(test, items)


def _check_structure(shape: StructureShape, member_order: tuple[str, ...] = ()) -> Check | None:
    names = _in_order(shape.members, member_order or MEMBER_ORDER.get(shape.name, ()))
    required = tuple(name for name in names if name in shape.required_members and _may_be_required(shape.members[name]))
    checks = {name: check for name in names if (check := _check(shape.members[name])) is not None}
    if not required and not checks:
        return None
    tests = tuple(
        (name, name in required, *(checks[name].test if name in checks else Test(None)))
        for name in names
        if name in required or name in checks
    )

    def passes(structure: Any) -> bool:
        value_of = structure.get
        for name, is_required, predicate, shortest, longest in tests:
            value = value_of(name)
            if value is None:
                if is_required:
                    return False
            elif (longest is not None and not shortest <= len(value) <= longest) or (
                predicate is not None and not predicate(value)
            ):
                return False
        return True

    def columns_pass(columns: Mapping[str, Collection[Any]]) -> bool:
        for name, is_required, predicate, shortest, longest in tests:
            column = columns.get(name)
            if column is None:
                if is_required:
                    return False
                continue
            if longest is not None:
                lengths = set(map(len, column))
                if not shortest <= min(lengths) <= max(lengths) <= longest:
                    return False
            if predicate is not None and not all(map(predicate, column)):
                return False
        return True

    def items(path: str, structure: Any) -> Iterator[str]:
        for name in names:
            member_path = f"{path}.{_camel(name)}" if path else _camel(name)
            value = structure.get(name)
            if value is not None:
                if name in checks:
                    yield from checks[name].items(member_path, value)
            elif name in required:
                yield _item(member_path, "null ", "Member must not be null")

    return Check(Test(passes), items, columns_pass)


def _check_list(shape: ListShape) -> Check | None:
    itself, member = _check_itself(shape), _check(shape.member)
    if member is None:
        return itself
    member_passes, member_items, columns_pass = member.test.quickest(), member.items, member.columns_pass

    def members_pass(values: Any) -> bool:
        if type(values) is PlainRecords and columns_pass is not None:
            return columns_pass(values.columns)
        return all(map(member_passes, values))

    def items(path: str, values: Any) -> Iterator[str]:
        if itself:
            yield from itself.items(path, values)
        if isinstance(shape.member, (StructureShape, ListShape, MapShape)):
            for number, value in enumerate(values, start=1):
                yield from member_items(f"{path}.{number}.member", value)
        elif not members_pass(values):
            constraint = f"Member must satisfy constraint: {Constraints.of(shape.member)}"
            yield _item(path, _shown(shape, values), constraint)

    return Check((itself.test if itself else Test(None))._replace(predicate=members_pass), items)


def _check_map(shape: MapShape) -> Check | None:
    if isinstance(shape.value, (StructureShape, ListShape, MapShape)):
        raise NotModelledError(f"maps of {shape.value.type_name}s ({shape.name}) are not modelled")
    itself, key, value = _check_itself(shape), _check(shape.key), _check(shape.value)
    key_passes = key.test.quickest() if key else _anything
    value_passes = value.test.quickest() if value else _anything

    def entries_pass(entries: Any) -> bool:
        return all(map(key_passes, entries)) and all(map(value_passes, entries.values()))

    def items(path: str, entries: Any) -> Iterator[str]:
        if itself:
            yield from itself.items(path, entries)
        if not all(map(key_passes, entries)):
            yield _item(path, _shown(shape, entries), f"Map keys must satisfy constraint: {Constraints.of(shape.key)}")
        if not all(map(value_passes, entries.values())):
            yield _item(
                path, _shown(shape, entries), f"Map value must satisfy constraint: {Constraints.of(shape.value)}"
            )

    return Check((itself.test if itself else Test(None))._replace(predicate=entries_pass), items)


def _anything(value: Any) -> bool:
    return True


def _may_be_required(shape: Shape) -> bool:
    override = OVERRIDES.get(shape.name)
    return override is None or override.required is not False


def _in_order(names: Iterable[str], recorded: Sequence[str]) -> list[str]:
    """The names in the recorded order, then the names that were not recorded, in their own order."""
    return sorted(names, key=lambda name: recorded.index(name) if name in recorded else len(recorded))


# --- wording -------------------------------------------------------------------------------------------------------


def _item(path: str, shown: str, constraint: str) -> str:
    return f"Value {shown}at '{path}' failed to satisfy constraint: {constraint}"


def _camel(member_name: str) -> str:
    return member_name[0].lower() + member_name[1:]


def _shown(shape: Shape, value: Any) -> str:
    """The value in quotes, and a blank; an empty text for a blob (I:amazon-kinesis-producer#680, December 2025)."""
    return "" if shape.type_name == "blob" else f"'{_java_text(shape, value)}' "


def _java_text(shape: Shape, value: Any) -> str:
    """The text that Java's ``toString`` gives for a value."""
    if isinstance(shape, StructureShape):
        fingerprint = zlib.crc32(repr(_canonical(value)).encode())
        return f"com.amazonaws.kinesis.v20131202.{shape.name}@{fingerprint:08x}"
    if isinstance(shape, ListShape):
        return f"[{', '.join(_java_text(shape.member, item) for item in value)}]"
    if isinstance(shape, MapShape):
        return f"{{{', '.join(f'{key}={_java_text(shape.value, item)}' for key, item in value.items())}}}"
    return str(value)


def _canonical(value: Any) -> Any:
    """A value that is equal for equal contents, so that the stand-in for Java's hash code is the same in every run."""
    if isinstance(value, dict):
        return sorted((name, _canonical(item)) for name, item in value.items() if item is not None)
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return zlib.crc32(value) if isinstance(value, bytes) else value


# --- the two checks of a request -----------------------------------------------------------------------------------


class OperationValidator:
    """Checks the requests of one operation. :func:`compile_operation` makes one per operation."""

    def __init__(self, convert: Converter, check: Check | None) -> None:
        self._convert = convert
        self._check = check or Check(Test(_anything), lambda path, value: iter(()))
        self._passes = self._check.test.quickest()

    def deserialize(self, document: object) -> dict[str, Any]:
        """The parameters by the API's member names, from what ``json.loads`` made of the body.

        Blobs are bytes, timestamps integer milliseconds since the epoch; JSON nulls and unknown members are gone.
        Raises SerializationException for the first member, in the order of the document, that has a wrong type.
        """
        if not isinstance(document, dict):
            raise errors.serialization_failed(None)
        parameters: dict[str, Any] = self._convert(document)
        return parameters

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise one ValidationException for all constraints that parameters from :meth:`deserialize` break."""
        if not self._passes(params):
            raise errors.validation_failed(list(self._check.items("", params)))


def compile_operation(operation_model: OperationModel) -> OperationValidator:
    """Compile the checks of one operation from its botocore model. Raises NotModelledError for a new kind of shape."""
    shape = operation_model.input_shape
    convert = converter_of(shape)
    if shape is None:
        return OperationValidator(convert, None)
    operation = OPERATIONS.get(operation_model.name)
    member_order = operation.member_order if operation is not None else ()
    return OperationValidator(convert, _check_structure(shape, member_order))
