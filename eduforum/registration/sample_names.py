"""Invented people for demonstrations: names as varied as real ones, rare characters included."""

import random

RARE = (
    "王㛃",
    "李𬱖",
    "赵䶮",
    "陈𠮷",
    "张翀㛃",
    "林𬱖",
    "阿卜杜热合曼·买买提艾力",
    "古丽娜尔·吐尔逊",
    "扎西·顿珠",
    "乌兰·巴特尔",
    "查干·苏和",
    "㛃",
    "阿不都克里木江·买买提吐尔逊·阿不都热合曼·艾尼瓦尔江木拉提",
    "仇远舟",
    "单若谷",
    "曾慕云",
    "解青禾",
    "查云帆",
    "区望舒",
    "朴世远",
    "翟一鸣",
    "盖晓星",
    "乐知行",
    "尉迟凌霄",
    "欧阳静姝",
    "万俟云飞",
)
"""Names that software likes to break: given first, so that even a small sample has them."""
LATIN = (
    "Anna Lindqvist",
    "Seán O'Connor",
    "María José Núñez",
    "Jean-Luc Dupré",
    "Nguyễn Thị Hương",
    "Łukasz Żak",
    "Ole Ångström",
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏"
    "吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
    "覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符"
)
_GIVEN = (
    "远砚秋知夏望舒若谷云帆溪亭青禾一鸣听澜慕云世言蹊知行南枝静姝晓星清和景行子衿书瑶明轩雨桐思齐"
    "嘉树安之怀瑾沐阳承宇乐天修远玉洁文博立群志远海燕建国秀英丽华春生家宁新雨向阳念慈方舟星野以南"
    "亦凡可欣泽宇梓涵浩然诗涵俊熙若曦晨曦宛白致远凌霄惟宁遇安卓然朗月"
)
_ONE_LETTER_SHARE = 0.18


def han_name(chance: random.Random) -> str:
    """A surname and one or two characters."""
    letters = 1 if chance.random() < _ONE_LETTER_SHARE else 2
    return chance.choice(_SURNAMES) + "".join(chance.choice(_GIVEN) for _ in range(letters))


def name_of(number: int, chance: random.Random) -> str:
    """The name of the person with this number, from 0."""
    if number < len(RARE):
        return RARE[number]
    if number % 40 == 0:
        return chance.choice(LATIN)
    if number % 97 == 0:
        return chance.choice(RARE)
    return han_name(chance)
