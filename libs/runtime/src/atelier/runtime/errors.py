"""What can be wrong with a request, named after the fact; `http.errors` turns them into answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Location = tuple[str | int, ...]


class DomainError(Exception):
    """A request that can't be fulfilled; the message says what is wrong and what to do."""

    status = 400

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotAuthenticatedError(DomainError):
    """Nobody known is asking."""

    status = 401


class ForbiddenError(DomainError):
    """The caller may know that it exists, and may not do this."""

    status = 403


class NotFoundError(DomainError):
    """It doesn't exist, or the caller may not know that it does."""

    status = 404

    @classmethod
    def of(cls, what: str) -> NotFoundError:
        """The one text for both cases, so that they can't be told apart."""
        return cls(f"{what} not found.")


class ConflictError(DomainError):
    """A rule of the business, or somebody else at the same time, stands against it."""

    status = 409


class StaleVersionError(DomainError):
    """`If-Match` names a version that is no longer the current one."""

    status = 412


class TooLargeError(DomainError):
    """The body is larger than this operation takes."""

    status = 413


class TooManyRequestsError(DomainError):
    """Asked too often; `retry_after` is how many whole seconds to wait, at least 1."""

    status = 429

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class UnavailableError(DomainError):
    """Something that is needed to decide is away; nothing was changed."""

    status = 503


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field, as FastAPI words it: where, what, and a type to match on."""

    loc: Location
    msg: str
    type: str = "value_error"


class InvalidError(DomainError):
    """Fields of the request that can't be accepted, each with its place."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.msg for problem in problems))
        self.problems = tuple(problems)

    @classmethod
    def field(cls, *loc: str | int, msg: str, type_: str = "value_error") -> InvalidError:
        """One wrong field, `loc` beginning with `body`, `query`, `path` or `header`."""
        return cls([Problem(loc, msg, type_)])

    @classmethod
    def unknown(cls, *loc: str | int) -> InvalidError:
        """An id in a body that names nothing, or nothing that the caller may refer to."""
        return cls.field(*loc, msg="There is nothing with this id that may be used here.", type_="unknown_id")
