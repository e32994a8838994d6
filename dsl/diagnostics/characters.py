"""Characters that are read as others, are invisible or end a line, according to Unicode.

A text copied from a PDF file holds Kangxi radicals and compatibility ideographs where its author reads Han
characters; they are read as the characters they stand for. The data come from Python (NFKC), except for the CJK
radicals: NFKC maps only two, so these come from EquivalentUnifiedIdeograph.txt of Unicode 14.
"""

from __future__ import annotations

import re
import unicodedata

#: Every line end. A carriage return followed by a line feed is one.
LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
#: Line ends that some editors do not show; a lone carriage return is odd only in a file that has other line ends.
ODD_LINE_END = re.compile("[\x0b\x0c\x85\u2028\u2029]|\r(?!\n)")

#: Variation selectors: they choose another shape for the character before them and are invisible themselves.
VARIATION = "\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef"
SELECTOR = re.compile(f"[{VARIATION}]")
#: What may follow a letter inside a word: the selectors, and accents, which NFC puts into the letter.
MARKS = f"\u0300-\u034e\u0350-\u036f{VARIATION}"

#: Letters that are blank.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"
#: Invisible: bidirectional controls, zero-width characters, control characters, blank letters, tags.
INVISIBLE = re.compile(
    "[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)

_RADICALS = dict(
    zip(
        "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿"
        "⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
        "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹"
        "艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
        strict=True,
    )
)


def _folded(*ranges: tuple[int, int]) -> dict[str, str]:
    """The characters that NFKC maps to another single letter, each with that letter."""
    found = {}
    for first, last in ranges:
        for character in map(chr, range(first, last + 1)):
            meant = unicodedata.normalize("NFKC", character)
            if meant != character and len(meant) == 1 and (meant.isalnum() or meant == "_"):
                found[character] = meant
    return found


#: Look-alikes of Han characters (radicals, Suzhou numerals, compatibility ideographs) to the character meant.
HAN = _RADICALS | _folded((0x2E80, 0x2FDF), (0x3038, 0x303A), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
#: Letters of full and half width. Digits are left out: they mean the same in any width.
WIDTH = {c: meant for c, meant in _folded((0xFF01, 0xFFDC)).items() if not meant.isdecimal()}

_HAN = str.maketrans(HAN)
_DIGITS = {chr(0xFF10 + digit): str(digit) for digit in range(10)}
_MEANT = str.maketrans(HAN | WIDTH | _DIGITS)
#: What the parser sees instead of a letter; a blank letter becomes a character that begins no word.
LETTERS = HAN | WIDTH | _DIGITS | dict.fromkeys(_BLANK_LETTERS, "\u200b")


def plain(word: str) -> str:
    """A word without marks that do not distinguish it: no selectors, accents composed into their letters."""
    return word if word.isascii() else unicodedata.normalize("NFC", SELECTOR.sub("", word))


def han_meant(text: str) -> str:
    """The text with look-alikes replaced by the Han characters meant; letters keep their width."""
    return text if text.isascii() else plain(text.translate(_HAN))


def as_meant(text: str) -> str:
    """A name, or a text used as one, as it is read."""
    return text if text.isascii() else plain(text.translate(_MEANT))


def is_seen(text: str) -> bool:
    """Whether a text has any visible character."""
    return bool(INVISIBLE.sub("", plain(text)).strip())
