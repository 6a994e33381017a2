"""What was measured of a recording, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A recording, or a part of it, in numbers.

    `speech_seconds`: frames that the model takes for speech, without the gaps between them.
    `loudness_lufs`: integrated loudness in mono (BS.1770). `speech_db`: mean level of the speech,
    dB of full scale. `noise_distance_db`: how far what is there between the words lies below it,
    and `rumble_distance_db` what is too deep for a voice. `clipped_share`: of all samples.
    `bandwidth_hz`: up to where the speech has sound.
    `channel_correlation`: of the first two channels. `channel_speech`: seconds in which somebody
    speaks on the first channel only, and on the second. `lead` and `tail`: seconds before the
    first word and behind the last. None stands for what is not there: no sound, no speech, mono.
    """

    seconds: float
    speech_seconds: float
    loudness_lufs: float | None
    speech_db: float | None
    noise_distance_db: float | None
    rumble_distance_db: float | None
    clipped_share: float
    bandwidth_hz: float | None
    channel_correlation: float | None
    channel_speech: tuple[float, float] | None
    lead: float
    tail: float

    @property
    def speech_share(self) -> float:
        return self.speech_seconds / self.seconds if self.seconds > 0 else 0.0
