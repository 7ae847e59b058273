"""A function as a tool: its name, its arguments as JSON, and how to call it with others."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import BoundArguments, Parameter
from typing import Any, get_type_hints

from . import plain
from .flows import Do
from .hints import Misfit, fit, schema_of

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Tool:
    """A function whose calls people decide about. `schema` is of its arguments."""

    function: Callable[..., Any]
    name: str
    description: str
    schema: Mapping[str, Any]
    signature: inspect.Signature
    hints: Mapping[str, Any]

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> BoundArguments:
        """The arguments by name, defaults too. TypeError: the call does not fit the signature."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound

    def arguments(self, bound: BoundArguments) -> dict[str, Any]:
        """The arguments as JSON, as people see them.

        Raises:
            TypeError: one of them has no form in JSON; says which.
        """
        return {name: self._as_json(name, value) for name, value in named(self.signature, bound).items()}

    def asking(self, predicate: Callable[..., Any], bound: BoundArguments) -> Do:
        """The predicate, to be called with those of the arguments that it names."""
        given, wanted = named(self.signature, bound), inspect.signature(predicate).parameters.values()
        takes_all = any(each.kind is Parameter.VAR_KEYWORD for each in wanted)
        names = {each.name for each in wanted}
        return Do(predicate, (), {name: given[name] for name in given if takes_all or name in names})

    def edited(self, bound: BoundArguments, arguments: Mapping[str, Any]) -> BoundArguments:
        """The call with `arguments` that a person wrote: what they left alone stays the very same object.

        Raises:
            Misfit: they do not fit the signature or its type hints; says where.
        """
        before, given = self.arguments(bound), named(self.signature, bound)
        values = {
            name: given[name]
            if name in given and before[name] == value
            else fit(self.hints.get(name, Any), value, f"/{name}")
            for name, value in arguments.items()
        }
        args: list[Any] = []
        for parameter in self.signature.parameters.values():
            if _is_subject(parameter, self.signature):
                args.append(bound.arguments[parameter.name])
            elif parameter.kind is Parameter.POSITIONAL_ONLY and parameter.name in values:
                args.append(values.pop(parameter.name))
        try:
            return self.bind(tuple(args), values)
        except TypeError as error:
            raise Misfit(f"the arguments do not fit {self.name}: {error}") from None

    def _as_json(self, name: str, value: Any) -> Any:
        try:
            return plain.strict(value)
        except TypeError as error:
            raise TypeError(
                f"{self.name}: people cannot see the argument {name!r}: {error}. "
                "Pass what identifies it (an id, a text) in place of the object."
            ) from None


def tool_of(
    function: Callable[..., Any],
    *,
    name: str = "",
    description: str = "",
    schema: Mapping[str, Any] | None = None,
) -> Tool:
    """The function as a tool; what is not given comes from its name, docstring and type hints.

    Raises:
        TypeError: it takes *args, which have no names to show, or it is a generator.
    """
    signature = inspect.signature(function)
    if any(each.kind is Parameter.VAR_POSITIONAL for each in signature.parameters.values()):
        raise TypeError(f"{function.__qualname__} takes *args: give its arguments names, so people see them")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(
            f"{function.__qualname__} is a generator: decorate a function that returns its result"
        )
    hints = _hints(function)
    return Tool(
        function=function,
        name=name or function.__name__,
        description=description or (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " "),
        schema=schema if schema is not None else _schema(signature, hints),
        signature=signature,
        hints=hints,
    )


def named(signature: inspect.Signature, bound: BoundArguments) -> dict[str, Any]:
    """The arguments of a call by name, without the `self` of a method."""
    found: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        parameter = signature.parameters[name]
        if parameter.kind is Parameter.VAR_KEYWORD:
            found |= value
        elif not _is_subject(parameter, signature):
            found[name] = value
    return found


def _schema(signature: inspect.Signature, hints: Mapping[str, Any]) -> dict[str, Any]:
    shown = [each for each in signature.parameters.values() if not _is_subject(each, signature)]
    named = [each for each in shown if each.kind is not Parameter.VAR_KEYWORD]
    return {
        "$schema": _DIALECT,
        "type": "object",
        "properties": {each.name: schema_of(hints.get(each.name, Any)) for each in named},
        "required": [each.name for each in named if each.default is Parameter.empty],
        "additionalProperties": len(named) < len(shown),
    }


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except Exception:  # names that exist for type checkers alone
        return {}


def _is_subject(parameter: Parameter, signature: inspect.Signature) -> bool:
    """Whether it is the `self` or `cls` of a method, which is no argument of the tool."""
    return parameter.name in ("self", "cls") and parameter is next(iter(signature.parameters.values()))
