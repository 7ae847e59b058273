"""Checks that a type cannot say: of JSON Schemas, and of the digest that a decision is bound to."""

from typing import Any, NoReturn

import jsonschema_rs
import rfc8785
from pydantic_core import PydanticCustomError

from escalations.transitions import decisions


def check_json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` itself, when it is a JSON Schema of draft 2020-12 whose references stay inside it.

    Raises:
        PydanticCustomError: it is not; says where.
    """
    try:
        jsonschema_rs.Draft202012Validator(schema, retriever=_refuse)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        raise PydanticCustomError(
            "json_schema", "Not a JSON Schema: {flaw}", {"flaw": _describe(error)}
        ) from None
    return schema


def canonical_digest(arguments: dict[str, Any]) -> str:
    """The digest that a decision about these arguments is bound to; see `transitions.decisions.digest`.

    Raises:
        PydanticCustomError: they have no canonical form, such as an integer beyond 2^53 - 1.
    """
    try:
        return decisions.digest(arguments)
    except rfc8785.CanonicalizationError:
        raise PydanticCustomError(
            "canonical",
            "The arguments have no canonical form (RFC 8785): send integers beyond 2^53 - 1 as strings.",
        ) from None


def _refuse(uri: str) -> NoReturn:
    raise ValueError("remote references are never followed")


def _describe(error: Exception) -> str:
    path = "".join(f"/{part}" for part in getattr(error, "instance_path", ()))
    message = getattr(error, "message", str(error))
    return f"at {path}: {message}" if path else str(message)
