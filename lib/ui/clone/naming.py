"""A name for a new voice: from the words in a file's name, else who speaks, else the day. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from urllib.parse import unquote

import regex

from lib.studio.core.typed_text import one_line
from lib.studio.orders.recloning import next_name
from lib.ui.access.names import AT_THIS_MACHINE, VISITOR

NOBODY = (VISITOR, AT_THIS_MACHINE)
"""What people are called who gave no name."""
LONGEST = 40
"""Characters: more are no name that a team calls a voice by."""
LEAST = 2
"""Letters of a name; a sign of Chinese or Japanese is a word."""
_ENDING = re.compile(r"(?:\.[a-z][a-z0-9]{1,4})+$", re.IGNORECASE)
_BETWEEN = regex.compile(r"[^\w\p{M}'’\u200c\u200d]+|_+")
_NUMBERED = re.compile(r"\d*([^\W\d]+)\d*")
_MIXED = re.compile(r"\d")
_VOWELS = frozenset("aeiouy")
_SMALL = "a an and at et by de der des di du el et für i in la le of on the und van von y"
_JOINING = "and at et für in of on und y"
"""No name begins with these; with an article it may."""
_MONTHS = """
jan january feb february mar march apr april may jun june jul july aug august sep sept september
oct october nov november dec december mon tue wed thu fri sat sun
"""
"""Told from names by the numbers beside them."""
_OF_RECORDERS = """
aac ad am at aud audio audiofile bit bounce capture cbr clean cleaned clip converted copy cut
denoised dictaphone dictation download downloaded draft dsc edit edited enhanced export exported
file final fixed flac hd hz img khz kbps loud m4a master mastered memo mic mix mixdown mono mov
movie mp3 mp4 my new normalized note ogg opus original output part pm processed ptt raw rec record
recorded recorder recording recordings rev sample samples screen screenrecording sd signal sound
speech stereo take tascam telegram temp test tmp track trimmed unknown untitled upload vbr ver
version vid video vm vn voice voicememo voicenote wa wav web webm whatsapp zoom
aufnahme aufnahmen aufzeichnung bearbeitet datei kopie memo neu neue neuer neues sprachaufnahme
sprachmemo sprachnachricht stimme ton tonaufnahme geluid geluidsopname nieuw nieuwe opname
spraakmemo inspelning ljud nytt optagelse opptak
copie enregistrement message nouveau nouvel nouvelle vocal vocaux voix copia grabación grabacion
mensaje nota nueva nuevo voz arquivo cópia gravação gravacao gravador mensagem nova novo áudio
registrazione registratore messaggio nuova nuovo vocale voce
dyktafon głos głosowa kopia nagranie notatka nowe nowy hlas nahrávka nový felvétel hang új
kayıt kaydı kopya ses yeni rekaman suara baru ghi âm mới
аудио аудиозапись голос голоса голосовая голосовое диктофон заметка запись копия новая новый
сообщение новий запис аудіо голосове ηχογράφηση νέα φωνή
تسجيل جديد رسالة صوت صوتي صوتية הקלטה חדשה קול नई नया रिकॉर्डिंग आवाज़
录音 新录音 新建录音 录制 语音 语音备忘录 音频 新建 副本 錄音 新錄音 語音 音檔
録音 新規 新規録音 ボイスメモ ボイス レコーディング 音声 コピー
녹음 녹음파일 새로운 새 음성 음성메모 사본 파일
"""
"""What recorders, messengers and cameras call a file, and what people note of its making, in the
languages that phones are sold in."""


def _set_of(text: str) -> frozenset[str]:
    return frozenset(unicodedata.normalize("NFC", word) for word in text.split())


SMALL, JOINING, MONTHS = _set_of(_SMALL), _set_of(_JOINING), _set_of(_MONTHS)
OF_RECORDERS = _set_of(_OF_RECORDERS)


def suggested(file_name: str, speaker: str, on: date, taken: Collection[str]) -> str:
    """What a voice may be called that nobody has named, and that none in `taken` is called.

    `file_name`: of the recording; `speaker`: who speaks in it, "" while that is not known; `on`:
    the day that it was brought.
    """
    person = "" if speaker in NOBODY or "@" in speaker else _cut(one_line(speaker))
    name = words_of(file_name) or person or f"Voice of {on.day} {on:%B}"
    others = {one_line(other).casefold() for other in taken}
    while name.casefold() in others:
        name = next_name(name)
    return name


def words_of(file_name: str) -> str:
    """The words of a file's name that a person chose, as a name; "" where there are none."""
    stem = unicodedata.normalize("NFC", unquote(file_name).replace("\\", "/")).rpartition("/")[2]
    parts = list(filter(None, _BETWEEN.split(_ENDING.sub("", stem))))
    is_dated = any(_MIXED.search(part) for part in parts)
    chosen = list(filter(None, (_word(part, is_dated=is_dated) for part in parts)))
    while chosen and chosen[-1].casefold() in SMALL:
        del chosen[-1]
    while chosen and chosen[0].casefold() in JOINING:
        del chosen[0]
    if sum(char.isalpha() for word in chosen for char in word) < LEAST:
        return ""
    if any(word.isupper() and len(word) > 3 for word in chosen):
        chosen = [word.lower() for word in chosen]  # all of it is written so
    shown = (_written(word, is_first=not number) for number, word in enumerate(chosen))
    return _cut(one_line(" ".join(shown)))


def _word(part: str, *, is_dated: bool) -> str:
    """What of this part is a word of a name; "" for numbers, and for what every recorder writes."""
    found = _NUMBERED.fullmatch(part)
    word = found[1] if found else "" if _MIXED.search(part) else part.strip("'’")
    plain = word.casefold()
    if plain in OF_RECORDERS or (is_dated and plain in MONTHS):
        return ""
    if word != part and len(word) < 3 and word.isascii():
        return ""  # "v2", "16k", "11s"
    return word


def _written(word: str, *, is_first: bool) -> str:
    """As a name is written: "jane" as "Jane", "jfk" as "JFK"; what has capitals keeps them."""
    if not word.islower() or (not is_first and word in SMALL):
        return word
    if len(word) == 3 and word.isascii() and word.isalpha() and not _VOWELS.intersection(word):
        return word.upper()
    return word[:1].upper() + word[1:]


def _cut(name: str) -> str:
    """Not too long, and no word of it in two where that can be."""
    if len(name) <= LONGEST:
        return name
    whole, blank, _ = name[: LONGEST + 1].rpartition(" ")
    return whole.rstrip() if blank else one_line(name, LONGEST)
