"""What publishing a new version changes, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from eduforum.core.i18n import Text
from eduforum.questions.rules.shapes import CHOICES, Question, Stage


@dataclass(frozen=True, slots=True)
class Change:
    """One change in words. concerns: whether people who have registered already have something
    to do, or something is no longer asked of them."""

    sentence: Text
    concerns: bool = False


def changes(old: Sequence[Question], new: Sequence[Question]) -> list[Change]:
    """Every difference that somebody who answers would notice."""
    before = {question.key: question for question in old}
    after = {question.key: question for question in new}
    found = [_added(one) for one in new if one.key not in before]
    found += [_removed(one) for one in old if one.key not in after]
    for key, question in after.items():
        if key in before:
            found += _changed(before[key], question)
    stayed = [key for key in before if key in after]
    if stayed != [key for key in after if key in before]:
        found.append(Change(Text("问题的顺序有变。", "The questions stand in another order.")))
    return found


def _added(question: Question) -> Change:
    must = question.required
    later = question.stage is Stage.AFTER
    if must and later:
        return Change(_say("新增必填问题“{label}”，已确认的人须补填。",
                           "New and required: “{label}”. People who are confirmed have to answer it.",
                           question), True)  # fmt: skip
    if must:
        return Change(_say("新增必填问题“{label}”，已报名的人在下次修改时填写。",
                           "New and required: “{label}”. Who has registered answers it with the next "
                           "change.", question), True)  # fmt: skip
    return Change(_say("新增问题“{label}”。", "New question: “{label}”.", question))


def _removed(question: Question) -> Change:
    return Change(
        _say("不再询问“{label}”，已有回答按原版本保留。",
             "“{label}” is no longer asked; answers that were given stay with their version.",
             question), True)  # fmt: skip


def _changed(old: Question, new: Question) -> list[Change]:
    found = []
    if (old.zh, old.en, old.help_zh, old.help_en) != (new.zh, new.en, new.help_zh, new.help_en):
        found.append(Change(_say("“{label}”的文字有改动。", "The words of “{label}” change.", new)))
    if old.kind is not new.kind:
        found.append(Change(_say("“{label}”的题型有改动，原回答不再适用。",
                                 "“{label}” is answered in another way; old answers no longer fit.",
                                 new), True))  # fmt: skip
    if new.required and not old.required:
        found.append(Change(_say("“{label}”改为必填。", "“{label}” is now required.", new), True))
    if old.required and not new.required:
        found.append(Change(_say("“{label}”改为选填。", "“{label}” is now optional.", new)))
    if new.sensitive != old.sensitive:
        found.append(Change(_say("“{label}”的敏感信息设置有改动。",
                                 "Whether “{label}” is sensitive changes.", new), True))  # fmt: skip
    if old.stage is not new.stage:
        found.append(Change(_say("“{label}”改在另一阶段填写。",
                                 "“{label}” is asked at another time.", new), True))  # fmt: skip
    return found + _changed_choices(old, new)


def _changed_choices(old: Question, new: Question) -> list[Change]:
    found = []
    if old.condition != new.condition:
        found.append(Change(_say("“{label}”的显示条件有改动。",
                                 "“{label}” is shown under another condition.", new)))  # fmt: skip
    if new.kind in CHOICES and old.kind in CHOICES:
        gone = [one for one in old.options if new.option(one.key) is None]
        fresh = [one for one in new.options if old.option(one.key) is None]
        for one in gone:
            found.append(Change(_say("“{label}”取消选项“{option}”，已选的人保留到下次修改。",
                                     "“{label}” loses the option “{option}”; who chose it keeps it "
                                     "until the next change.", new, option=one.label), True))  # fmt: skip
        for one in fresh:
            found.append(Change(_say("“{label}”新增选项“{option}”。",
                                     "“{label}” gets the option “{option}”.", new,
                                     option=one.label)))  # fmt: skip
    return found


def _say(zh: str, en: str, question: Question, **values: object) -> Text:
    return Text(zh, en).fill(label=question.label, **values)
