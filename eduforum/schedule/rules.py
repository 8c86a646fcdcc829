"""What people do in a session, and what an agreement needs."""

from enum import StrEnum

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text


class Part(StrEnum):
    CHAIR = "chair"
    SPEAKER = "speaker"
    PANELLIST = "panellist"
    HOST = "host"


PART_NAMES = {
    Part.CHAIR: Text("主持", "Chair"),
    Part.SPEAKER: Text("主讲", "Speaker"),
    Part.PANELLIST: Text("对话嘉宾", "Panellist"),
    Part.HOST: Text("主持人", "Host"),
}


class TooFewParties(BadInput):
    code = "too-few-parties"

    def __init__(self) -> None:
        sentence = Text(
            "协议至少有两方，请补充。", "An agreement has at least two parties. Add them."
        )
        super().__init__(sentence, {"parties": [sentence]})
