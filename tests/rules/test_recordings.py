"""Every real recording gets the verdict it deserves, with the true reason."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import av
import pytest

from lib.recordings.inspect import Recording, inspect
from lib.recordings.judge import Fit, Verdict, judge
from lib.recordings.problems import UnreadableRecording
from lib.recordings.reasons import Reason, Why
from lib.recordings.wording import reason_words
from lib.services import SERVICES, CloneOffer

OFFERS = SERVICES["nanogpt"].clones
MINIMAX, QWEN = OFFERS

YES = "accepts this recording."
SHORT = " long. {} needs at least "
LONG = "This recording is 5 minutes 57 seconds long. {} accepts at most 5 minutes. Cut it"
AAC = "This is an AAC file. It will be converted to a file that {} accepts. Your original is kept."
AMR = "This is an AMR file. It will be converted to a file that {} accepts. Your original is kept."
FLAC = "This is a FLAC file. It will be converted to a file that {} accepts. Your original is kept."
OGG = "This is an Ogg file. It will be converted to a file that {} accepts. Your original is kept."
WEBM = "This is a WebM file. It will be converted to a file that {} accepts. Your original is kept."
QUICKTIME = "This is a QuickTime file. It will be converted to a file that {} accepts."
VIDEO = "This is a video (MP4). Its sound will be converted to a file that {} accepts."
ADPCM = "This WAV file holds ADPCM sound. It will be converted to a file that {} accepts."
OPUS_IN_M4A = "This M4A file holds Opus sound. It will be converted to a file that {} accepts."
EMPTY = "This file is empty."
UNKNOWN = "This is not a known kind of audio file"
LFS = "Git LFS"
DAMAGED = "it is damaged, incomplete or of an unusual kind"
NO_SOUND = "This file has a header but no sound"
ENCRYPTED = "This file is copy-protected"
CONVERTED = {AAC, AMR, FLAC, OGG, WEBM, QUICKTIME, VIDEO, ADPCM, OPUS_IN_M4A}

VERDICTS = {
    # Good recordings
    "jfk-11s-16k-mono.wav": (YES, YES),
    "jfk-11s-vbr.mp3": (YES, YES),
    "jfk-11s-44k-aac.m4a": (YES, YES),
    "jfk-11s-adts.aac": (AAC, YES),
    "sonnet-53s-stereo-cbr.mp3": (YES, YES),
    "librispeech-14s-vorbis.ogg": (OGG, YES),
    "fleurs-en-11s-opus.ogg": (OGG, YES),
    "harvard-36s-8k.wav": (YES, YES),
    "apollo11-13s-24k.wav": (YES, YES),
    "apollo11-89s-8k-8kbps.mp3": (YES, YES),
    "read-26s-16k-24bit.wav": (YES, YES),
    "noisy-exactly-10s-48k.wav": (YES, YES),
    "phone-21s-11k-stereo.wav": (YES, YES),
    "tts-260s-opus.ogg": (OGG, YES),
    "music-12s-320k.mp3": (YES, YES),
    # Readable, but outside the rules or open
    "jfk-11s-opus.webm": (WEBM, WEBM),
    "jfk-11s-8k.amr": (AMR, AMR),
    "ljspeech-1s9.wav": (SHORT, SHORT),
    "ljspeech-boundary-10s.mp3": (SHORT, YES),  # decided: padding of the encoder is no speech
    "common-voice-ja-6s5.mp3": (SHORT, YES),
    "format-test-9s66.m4a": (SHORT, YES),
    "format-test-9s66-m4a-named.aac": (SHORT, YES),
    "silence-8s.wav": (SHORT, YES),
    "adpcm-12s-44k.wav": (ADPCM, ADPCM),  # decided: WAV means PCM
    "mls-15s.opus": (OGG, YES),  # decided: Ogg by content, whatever the name
    "librispeech-12s.flac": (FLAC, FLAC),
    "mp3-inside.wav": (SHORT, SHORT),
    "mp3-inside.m4a": (SHORT, SHORT),
    "mulaw-2s.wav": (SHORT, SHORT),
    "rf64.wav": (SHORT, SHORT),
    "cover-art-2s.mp3": (SHORT, SHORT),
    "video-h264-aac-7s.mp4": (SHORT, VIDEO),
    "adts-cut-mid-frame.aac": (AAC, YES),  # decided: what can be heard counts, with a warning
    "loops-old-parsers.wav": (SHORT, SHORT),
    "derived-apollo11-357s.mp3": (LONG, LONG),
    # Corrupt, empty, or with a header that lies
    "raw-pcm-no-header.wav": (UNKNOWN, UNKNOWN),
    "encrypted-8s.mp4": (ENCRYPTED, ENCRYPTED),
    "empty-0-bytes.mp3": (EMPTY, EMPTY),
    "one-byte.m4a": (UNKNOWN, UNKNOWN),
    "id3-magic-only-3-bytes.mp3": (UNKNOWN, UNKNOWN),
    "id3-tag-no-audio.mp3": (UNKNOWN, UNKNOWN),
    "truncated-39-bytes.m4a": (DAMAGED, DAMAGED),
    "header-only-44-bytes.wav": (NO_SOUND, NO_SOUND),
    "header-says-167s-no-data.m4a": (NO_SOUND, NO_SOUND),
    "header-says-315s-no-data.m4a": (NO_SOUND, NO_SOUND),
    "header-says-222s-8kb.mp3": (SHORT, SHORT),
    "sample-rate-zero.wav": (DAMAGED, DAMAGED),
    "bad-crc.ogg": (DAMAGED, DAMAGED),
    "header-says-1887s-4kb.mp3": (SHORT, SHORT),
    "loops-old-parsers.m4a": (NO_SOUND, NO_SOUND),
    "no-data-chunk.wav": (DAMAGED, DAMAGED),
    "absurd-sample-rate.wav": (SHORT, SHORT),
    "22-bytes.wav": (DAMAGED, DAMAGED),
    "git-lfs-pointer.wav": (LFS, LFS),
    "fragment-init-says-3900s.mp4": (NO_SOUND, NO_SOUND),
}

CASES = {
    "newmemo.qta": (QUICKTIME, QUICKTIME),
    "opus-in-mp4.m4a": (OPUS_IN_M4A, OPUS_IN_M4A),
    "pocket-tts-2e9.wav": (YES, YES),
    "elevenlabs-7fffffff.wav": (YES, YES),
    "zeros-before.mp3": (YES, YES),
}
"""What people brought in public, made anew."""

FACTS = {
    "jfk-11s-16k-mono.wav": ("wav", "pcm_s16le", 16000, 1, 11.000),
    "jfk-11s-vbr.mp3": ("mp3", "mp3", 16000, 1, 11.000),
    "jfk-11s-44k-aac.m4a": ("m4a", "aac", 44100, 1, 11.005),
    "jfk-11s-adts.aac": ("aac", "aac", 16000, 1, 11.072),
    "sonnet-53s-stereo-cbr.mp3": ("mp3", "mp3", 44100, 2, 53.267),
    "librispeech-14s-vorbis.ogg": ("ogg", "vorbis", 22050, 1, 13.910),
    "fleurs-en-11s-opus.ogg": ("ogg", "opus", 48000, 1, 11.460),
    "apollo11-89s-8k-8kbps.mp3": ("mp3", "mp3", 8000, 1, 89.208),
    "read-26s-16k-24bit.wav": ("wav", "pcm_s24le", 16000, 1, 25.718),
    "tts-260s-opus.ogg": ("ogg", "opus", 48000, 1, 259.631),
    "jfk-11s-opus.webm": ("webm", "opus", 48000, 1, 11.000),
    "jfk-11s-8k.amr": ("amr", "amr_nb", 8000, 1, 11.000),
    "ljspeech-boundary-10s.mp3": ("mp3", "mp3", 22050, 1, 9.945),
    "format-test-9s66-m4a-named.aac": ("m4a", "aac", 44100, 1, 9.659),
    "mls-15s.opus": ("ogg", "opus", 48000, 1, 14.850),
    "librispeech-12s.flac": ("flac", "flac", 16000, 1, 11.660),
    "mp3-inside.wav": ("wav", "mp3", 44100, 1, 1.045),
    "mp3-inside.m4a": ("m4a", "mp3", 44100, 1, 1.0246),  # where its edit list ends
    "rf64.wav": ("wav", "pcm_s16le", 48000, 2, 0.050),
    "cover-art-2s.mp3": ("mp3", "mp3", 44100, 2, 2.534),
    "video-h264-aac-7s.mp4": ("mp4-video", "aac", 44100, 2, 7.035),
    "adts-cut-mid-frame.aac": ("aac", "aac", 16000, 1, 16.000),
    "header-says-222s-8kb.mp3": ("mp3", "mp3", 44100, 2, 0.444),
}

GOOD = Recording("mp3", "mp3", 44100, 1, 30.0, 0.5, False, False, "audio/mpeg", "mp3")


def test_every_recording_of_the_folder_has_its_row(samples: Path) -> None:
    kept = {path.name for path in samples.iterdir()} - {"README.md", "sha256sums.txt"}
    assert {name for name in kept if not name.endswith(".safetensors")} == set(VERDICTS)


def verdict_on(data: bytes, offer: CloneOffer) -> Verdict:
    try:
        return judge(inspect(data), offer, len(data))
    except UnreadableRecording as unreadable:
        return Verdict(Fit.REFUSE, unreadable.why)


def fit_of(sentence: str) -> Fit:
    if sentence == YES:
        return Fit.ACCEPT
    return Fit.CONVERT if sentence in CONVERTED else Fit.REFUSE


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", VERDICTS)
def test_each_service_says_yes_or_the_true_reason(samples: Path, name: str) -> None:
    for offer, expected, who in zip(OFFERS, VERDICTS[name], ("MiniMax", "Qwen"), strict=True):
        verdict = verdict_on((samples / name).read_bytes(), offer)
        assert expected.format(who) in reason_words(verdict.why)
        assert verdict.fit is fit_of(expected)


def test_every_case_of_the_folder_has_its_row(cases: Path) -> None:
    assert {path.name for path in (cases / "audio").iterdir()} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_what_people_brought_in_public_is_taken_without_a_warning(cases: Path, name: str) -> None:
    data = (cases / "audio" / name).read_bytes()
    for offer, expected, who in zip(OFFERS, CASES[name], ("MiniMax", "Qwen"), strict=True):
        verdict = verdict_on(data, offer)
        assert expected.format(who) in reason_words(verdict.why)
        assert verdict.fit is fit_of(expected)
        assert verdict.warnings == ()
    assert inspect(data).seconds == pytest.approx(14, abs=0.08)


def branded(data: bytes, brand: str) -> bytes:
    """The same MP4 under another major brand."""
    assert data[4:8] == b"ftyp"
    return data[:8] + brand.encode() + data[12:]


@pytest.mark.parametrize(
    "brand",
    ["M4A ", "mp42", "isom", "3gp4", "3gp5", "3g2a", "qt  ", "dash", "M4B ", "MSNV", "abcd"],
)
def test_plain_aac_is_taken_as_it_is_whatever_brand_a_phone_gave_it(
    samples: Path, brand: str
) -> None:
    data = branded((samples / "jfk-11s-44k-aac.m4a").read_bytes(), brand)
    assert verdict_on(data, MINIMAX).fit is verdict_on(data, QWEN).fit is Fit.ACCEPT
    found = inspect(data)
    assert (found.format, found.media_type, found.extension) == ("m4a", "audio/mp4", "m4a")


@pytest.mark.parametrize("brand", ["qt  ", "M4A ", "mp42", "3gp4"])
def test_quicktime_is_known_whatever_brand_it_bears(cases: Path, brand: str) -> None:
    data = branded((cases / "audio" / "newmemo.qta").read_bytes(), brand)
    assert QUICKTIME.format("Qwen") in reason_words(verdict_on(data, QWEN).why)


@pytest.mark.parametrize("brand", ["3gp4", "M4A ", "isom", "qt  "])
def test_what_a_telephone_coded_is_converted_whatever_brand_it_bears(
    samples: Path, brand: str
) -> None:
    packed = io.BytesIO()
    with (
        av.open(samples / "jfk-11s-8k.amr") as source,
        av.open(packed, "w", format="3gp") as target,
    ):
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    found = inspect(branded(packed.getvalue(), brand))
    assert (found.format, found.codec) == ("3gp", "amr_nb")
    assert judge(found, QWEN, 1000).fit is Fit.CONVERT


@pytest.mark.parametrize("name", FACTS)
def test_what_is_in_a_file_is_what_comes_out_of_the_decoder(samples: Path, name: str) -> None:
    found = inspect((samples / name).read_bytes())

    *facts, seconds = FACTS[name]
    assert [found.format, found.codec, found.sample_rate, found.channels] == facts
    assert found.seconds == pytest.approx(seconds, abs=0.001)


def test_ten_seconds_to_the_sample_are_ten_seconds(samples: Path) -> None:
    assert inspect((samples / "noisy-exactly-10s-48k.wav").read_bytes()).seconds == 10.0


def test_damage_and_lying_headers_are_marked_and_good_files_are_not(samples: Path) -> None:
    readable = {name for name in VERDICTS if _read(samples, name)}
    marked = {name for name in readable if inspect((samples / name).read_bytes()).truncated}
    assert marked == {
        "adts-cut-mid-frame.aac",
        "header-says-222s-8kb.mp3",
        "header-says-1887s-4kb.mp3",
    }


def _read(samples: Path, name: str) -> Recording | None:
    try:
        return inspect((samples / name).read_bytes())
    except UnreadableRecording:
        return None


def test_a_picture_on_the_cover_is_no_film(samples: Path) -> None:
    assert not inspect((samples / "cover-art-2s.mp3").read_bytes()).has_video
    assert inspect((samples / "video-h264-aac-7s.mp4").read_bytes()).has_video


def test_a_file_goes_by_the_type_and_extension_of_its_content(samples: Path) -> None:
    renamed = inspect((samples / "format-test-9s66-m4a-named.aac").read_bytes())
    assert (renamed.media_type, renamed.extension) == ("audio/mp4", "m4a")


def test_the_sentence_gives_length_and_need() -> None:
    short = replace(GOOD, seconds=1.8995)
    assert reason_words(judge(short, MINIMAX, 1000).why) == (
        "This recording is 1.9 seconds long. MiniMax needs at least 10 seconds."
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (9.9999, "is 9.9 seconds long"),
        (1.0, "is 1 second long"),
        (0.04, "is less than 0.1 seconds long"),
        (300.01, "is 5 minutes 1 second long"),
        (360.0, "is 6 minutes long"),
    ],
)
def test_a_refused_length_is_never_rounded_to_an_accepted_one(seconds: float, said: str) -> None:
    verdict = judge(replace(GOOD, seconds=seconds), MINIMAX, 1000)
    assert not verdict.accepted
    assert said in reason_words(verdict.why)


@pytest.mark.parametrize("seconds", [10.0, 300.0])
def test_the_bounds_themselves_are_accepted(seconds: float) -> None:
    assert judge(replace(GOOD, seconds=seconds), MINIMAX, 20_000_000).accepted


def test_a_byte_too_many_is_made_smaller() -> None:
    verdict = judge(GOOD, QWEN, 20_000_001)
    assert verdict.fit is Fit.CONVERT
    assert reason_words(verdict.why) == (
        "This file has 20.1 MB, and Qwen accepts at most 20 MB. It will be made smaller. Your "
        "original is kept."
    )
    assert judge(GOOD, QWEN, 20_000_000).fit is Fit.ACCEPT


def test_without_an_address_to_fetch_it_from_a_recording_is_made_small_enough_to_send() -> None:
    verdict = judge(GOOD, MINIMAX, 3_000_001, by_link=False)
    assert verdict.fit is Fit.CONVERT
    assert reason_words(verdict.why) == (
        "This file has 3.1 MB, and without a bucket at most 3 MB can be sent to MiniMax. It will "
        "be made smaller. Your original is kept."
    )
    assert judge(GOOD, MINIMAX, 3_000_000, by_link=False).fit is Fit.ACCEPT
    assert judge(GOOD, MINIMAX, 3_000_001).fit is Fit.ACCEPT


def test_the_codec_inside_decides_and_the_file_is_named() -> None:
    packed = replace(GOOD, format="wav", codec="adpcm_ms")
    assert reason_words(judge(packed, QWEN, 1000).why) == (
        "This WAV file holds ADPCM sound. It will be converted to a file that Qwen accepts. Your "
        "original is kept."
    )
    assert judge(replace(packed, codec="pcm_mulaw"), QWEN, 1000).accepted


@pytest.mark.parametrize(
    ("form", "codec", "said"),
    [
        ("mp2", "mp2", "This is an MPEG audio file older than MP3. It will"),
        ("aiff", "pcm_s16be", "This is an AIFF file. It will"),
        ("caf", "pcm_s16le", "This is a CAF file. It will"),
        ("3gp", "amr_nb", "This is a 3GP file. It will"),
        ("mov", "aac", "This is a QuickTime file. It will"),
        ("wav", "mp3", "This WAV file holds MP3 sound. It will"),
        ("m4a", "flac", "This M4A file holds FLAC sound. It will"),
        ("m4a", "pcm_s16le", "This M4A file holds an unusual kind of sound. It will"),
        ("ogg", "flac", "This Ogg file holds FLAC sound. It will"),
    ],
)
def test_what_can_be_decoded_is_converted_and_called_by_its_name(
    form: str, codec: str, said: str
) -> None:
    verdict = judge(replace(GOOD, format=form, codec=codec), QWEN, 1000)
    assert verdict.fit is Fit.CONVERT
    assert reason_words(verdict.why).startswith(said)
    assert not verdict.accepted


@pytest.mark.parametrize("form", ["mov", "3gp", "webm", "ogg", "mp4"])
def test_of_a_video_only_the_sound_is_taken(form: str) -> None:
    film = replace(GOOD, format=f"{form}-video", codec="aac", has_video=True)
    verdict = judge(film, MINIMAX, 1000)
    assert verdict.fit is Fit.CONVERT
    assert reason_words(verdict.why).startswith("This is a video (")
    assert "). Its sound will be converted to a file that MiniMax accepts." in reason_words(
        verdict.why
    )


def test_what_converting_cannot_mend_is_named_before_what_it_can() -> None:
    flac = replace(GOOD, format="flac", codec="flac")
    short = judge(replace(flac, seconds=2.0), MINIMAX, 30_000_000)
    long = judge(replace(flac, seconds=301.0), MINIMAX, 30_000_000)
    assert (short.fit, long.fit) == (Fit.REFUSE, Fit.REFUSE)
    assert "needs at least" in reason_words(short.why)
    assert "Cut it to its best part." in reason_words(long.why)


def test_what_is_converted_is_warned_of_all_the_same() -> None:
    assert len(judge(replace(GOOD, format="flac", truncated=True), QWEN, 1000).warnings) == 1


def test_silence_and_damage_are_accepted_with_a_warning_each() -> None:
    verdict = judge(replace(GOOD, peak=0.0, truncated=True), QWEN, 1000)
    assert verdict.accepted
    assert verdict.warnings == (Why(Reason.SILENT), Why(Reason.INCOMPLETE))
    assert judge(GOOD, QWEN, 1000).warnings == ()


def test_no_sentence_is_left_with_a_gap() -> None:
    assert all("{" not in reason_words(Why(reason, form="mp3")) for reason in Reason)
