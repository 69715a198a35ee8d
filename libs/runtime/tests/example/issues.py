"""The contracts of the example: what press tells of its issues."""

from __future__ import annotations

from typing import ClassVar

from atelier.contracts.model import Event, State
from atelier.contracts.topics import Topic, Topics


class IssueState(State):
    """One issue of a magazine, and how many copies of it were printed."""

    kind: ClassVar[str] = "issues"

    title: str
    copies: int


class IssuePrinted(Event[IssueState]):
    """An issue exists."""


class IssueReprinted(Event[IssueState]):
    """There are more copies of an issue, or it has another title."""


class IssueWithdrawn(Event[IssueState]):
    """The issue may not be subscribed to any more; its row stays."""


class IssueRestored(Event[IssueState]):
    """A withdrawn issue is back."""


TOPICS = Topics(
    (
        Topic(
            name="press.issues.v1",
            owner="press",
            state=IssueState,
            events=(IssuePrinted, IssueReprinted, IssueWithdrawn, IssueRestored),
            consumers=frozenset({"reader", "reader.replicas"}),
            partitions=2,
        ),
    )
)
