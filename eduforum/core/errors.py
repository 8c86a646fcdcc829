"""The one kind of error that reaches people."""

from collections.abc import Mapping, Sequence

from eduforum.core.i18n import Text


class Refusal(Exception):
    """The request was understood and the answer is no.

    Raise a subclass from rules and services. `eduforum.web.errors` turns it into a page or into
    problem+json (RFC 9457), so no view has to catch it.

    code: a stable word for programs; never reuse one for another meaning.
    status: the HTTP status of the answer.
    sentence: what the person reads.
    errors: for input, the sentences that belong beside each field.
    """

    code = "refused"
    status = 409

    def __init__(self, sentence: Text, errors: Mapping[str, Sequence[Text]] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.errors = dict(errors or {})

    def __str__(self) -> str:
        return str(self.sentence)

    def members(self) -> Mapping[str, object]:
        """What programs are told besides, as JSON values (RFC 9457, 3.2)."""
        return {}


class BadInput(Refusal):
    """Something that was sent cannot be read or breaks a rule for its field."""

    code = "invalid"
    status = 422


class NotFound(Refusal):
    """No such thing, or not for you: both answer alike."""

    code = "not-found"
    status = 404

    def __init__(self, sentence: Text | None = None) -> None:
        super().__init__(sentence or Text("没有找到您要的内容。", "There is nothing here."))
