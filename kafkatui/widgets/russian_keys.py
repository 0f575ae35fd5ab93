"""A key typed on a Russian layout counts as the Latin key on the same place: ``о`` is ``j``."""

import unicodedata

from textual.events import Key
from textual.keys import KEY_NAME_REPLACEMENTS
from textual.widget import Widget
from textual.widgets import Input, TextArea

RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ.,"
LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~/?"
"""The keys of `RUSSIAN`, in the same order. The key of ``/`` and ``?`` types ``.`` and ``,`` there: these
mean nothing else to this program, so they always count as that key.
"""
SAME_PLACE = dict(zip(RUSSIAN, LATIN, strict=True))


def takes_text(widget: Widget | None) -> bool:
    """Whether a key is text for this widget, which has the focus; ``None``: nothing has it."""
    return isinstance(widget, Input | TextArea)


def latin(key: Key) -> Key:
    """The Latin key on the same place; the key itself if it is on no Russian layout."""
    character = SAME_PLACE.get(key.character or "")
    return key if character is None else Key(_name(character), character)


def _name(character: str) -> str:
    """Textual's name for the key of a character: ``j``, ``question_mark``."""
    if character.isalnum():
        return character
    name = unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)
