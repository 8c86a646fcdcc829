"""Questions for terms: a few of every kind."""

from eduforum.questions.rules import Condition, Joined, Kind, Op, Option, Question, Term

COMING = Question(
    key="coming", kind=Kind.CHOICE, zh="如何到达", en="How will you come", required=True,
    options=(Option("train", "火车", "Train"), Option("car", "自驾", "Car"),
             Option("local", "本地", "Local")),
)  # fmt: skip
PLATE = Question(
    key="plate", kind=Kind.TEXT, zh="车牌号", en="Plate number", required=True, most_chars=10,
    condition=Condition(terms=(Term("coming", Op.EQUALS, "car"),)),
)  # fmt: skip
TRUNK = Question(
    key="trunk", kind=Kind.BOOLEAN, zh="车上有展品吗", en="Exhibits in the car",
    condition=Condition(terms=(Term("plate", Op.IS_SET),)),
)  # fmt: skip
MEALS = Question(
    key="meals", kind=Kind.MULTI_CHOICE, zh="用餐", en="Meals",
    options=(Option("lunch", "午餐", "Lunch"), Option("dinner", "晚餐", "Dinner")),
)  # fmt: skip
DIET = Question(
    key="diet", kind=Kind.TEXT, zh="饮食要求", en="Diet", sensitive=True, at_door=True,
    condition=Condition(
        Joined.ANY,
        (Term("meals", Op.CONTAINS, "dinner"), Term("coming", Op.EQUALS, "train")),
    ),
)  # fmt: skip
AGE = Question(key="age", kind=Kind.NUMBER, zh="年龄", en="Age", least=6, most=120)
DAY = Question(key="day", kind=Kind.DATE, zh="到达日期", en="Day of arrival")
PHOTO = Question(key="photo", kind=Kind.PHOTO, zh="照片", en="Photo")
PROOF = Question(key="proof", kind=Kind.FILE, zh="在读证明", en="Proof of study", required=True)
NOTE = Question(key="note", kind=Kind.LONG_TEXT, zh="备注", en="Remarks", most_chars=50)
EVERY = (COMING, PLATE, TRUNK, MEALS, DIET, AGE, DAY, PHOTO, NOTE)
