// Records the microphone as it is. Takes stay here, to be compared, until one of them is used.
const MOST_TAKES = 4;
const SHORTEST = 1; // seconds; less is a slip of the hand
const FIRST_PIECE = 1_000_000; // characters; the next ones are as long as the line is fast
const PIECE_TAKES = 10; // seconds: a longer message keeps a slow connection from living on
const ARRIVES_WITHIN = 60_000; // milliseconds, for a piece
const PATIENCE = 1.5; // seconds for which the level's word looks back
const HEADER = 44;
const HIGHEST_RATE = 48_000; // hertz; more than a voice has use for

// Runs beside the page, so that nothing is missed while that is busy. 128 samples come at a time.
const TAP = `registerProcessor("voicekeep-tap", class extends AudioWorkletProcessor {
  block = new Float32Array(2048);
  filled = 0;
  process([[heard]]) {
    if (!heard) return true;
    this.block.set(heard, this.filled);
    this.filled += heard.length;
    if (this.filled + heard.length > this.block.length) {
      this.port.postMessage(this.block.slice(0, this.filled));
      this.filled = 0;
    }
    return true;
  }
});`;
// What browsers may do to the sound; it spoils a voice for cloning.
const PROCESSING = {
  autoGainControl: "automatic gain",
  echoCancellation: "echo cancelling",
  noiseSuppression: "noise suppression",
  voiceIsolation: "voice isolation",
};
const OFF = Object.fromEntries(Object.keys(PROCESSING).map((name) => [name, false]));
const LEVELS = { wait: "Speak now", quiet: "Too quiet", good: "Good level", loud: "Too loud" };
const ADVICE = {
  quiet: "Too quiet: move closer and record again",
  good: "Good level",
  loud: "Too loud: move away a little and record again",
};
const REASONS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "no_microphone",
  OverconstrainedError: "no_microphone",
  NotReadableError: "busy",
  AbortError: "busy",
};

const clock = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const decibels = (loudness) => 20 * Math.log10(Math.max(loudness, 1e-6));

/** Open the microphone; `heard` gets blocks of samples. Resolves to its rate and a way to close. */
async function listen(heard, ended) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, ...OFF },
  });
  const [track] = stream.getAudioTracks();
  const settings = track.getSettings();
  // At the rate of the microphone, where it is told, not that of the loudspeaker.
  const context = new AudioContext(
    settings.sampleRate ? { sampleRate: Math.min(settings.sampleRate, HIGHEST_RATE) } : {},
  );
  const close = () => {
    track.onended = null;
    track.stop();
    context.close();
  };
  const script = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(script);
    await context.resume();
    const tap = new AudioWorkletNode(context, "voicekeep-tap", {
      channelCount: 1,
      channelCountMode: "explicit",
    });
    tap.port.onmessage = ({ data }) => heard(data);
    track.onended = ended;
    // It plays silence: what leads nowhere might not be run.
    context.createMediaStreamSource(stream).connect(tap).connect(context.destination);
  } catch (problem) {
    close();
    throw problem;
  } finally {
    URL.revokeObjectURL(script);
  }
  return { rate: context.sampleRate, settings, close };
}

/** A WAV file, 16 bit mono. */
function wav(blocks, rate) {
  const length = 2 * blocks.reduce((sum, block) => sum + block.length, 0);
  const header = new DataView(new ArrayBuffer(HEADER));
  const name = (at, text) => [...text].forEach((it, n) => header.setUint8(at + n, it.charCodeAt()));
  const long = (at, number) => header.setUint32(at, number, true);
  const short = (at, number) => header.setUint16(at, number, true);
  name(0, "RIFF"), long(4, HEADER - 8 + length), name(8, "WAVEfmt "), long(16, 16);
  short(20, 1), short(22, 1), long(24, rate), long(28, 2 * rate), short(32, 2), short(34, 16);
  name(36, "data"), long(40, length);
  return new Blob([header, ...blocks], { type: "audio/wav" });
}

/** Counts and rates what is heard, and keeps it. */
class Sound {
  blocks = [];
  levels = []; // of each block: loudness in decibels, and whether something was cut off
  samples = 0;
  clipped = 0;

  constructor(data) {
    this.data = data;
  }

  add(block) {
    const kept = new Int16Array(block.length);
    let power = 0;
    let clipped = 0;
    for (let n = 0; n < block.length; n++) {
      const sample = Math.max(-1, Math.min(1, block[n]));
      kept[n] = Math.round(sample * 32767);
      power += sample * sample;
      if (Math.abs(sample) >= this.data.clipped) clipped++;
    }
    this.blocks.push(kept);
    this.samples += block.length;
    this.clipped += clipped;
    this.levels.push({ loudness: decibels(Math.sqrt(power / block.length)), clipped });
  }

  /** How loud speech was of late: its loudest blocks count, not the pauses. */
  now(rate) {
    const back = Math.ceil((PATIENCE * rate) / 2048);
    const late = this.levels.slice(-back);
    const loudest = Math.max(...late.map((level) => level.loudness));
    if (late.some((level) => level.clipped)) return "loud";
    if (loudest >= this.data.quiet) return "good";
    return this.levels.length < back ? "wait" : "quiet";
  }

  /** How loud it was in all: of ten blocks, nine are softer than speech at its loudest. */
  whole() {
    if (this.clipped > this.samples * this.data.clipped_share) return "loud";
    const sorted = this.levels.map((level) => level.loudness).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length * 0.9)] < this.data.quiet ? "quiet" : "good";
  }
}

class Recorder {
  takes = [];
  made = 0;
  sending = null;
  trouble = null;
  phase = "idle"; // "asking" for the microphone, "recording"

  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.part("record").onclick = () => {
      if (this.phase !== "asking") this.microphone ? this.stop() : this.start();
    };
    if (!navigator.mediaDevices?.getUserMedia) {
      this.fail(window.isSecureContext ? "old_browser" : "plain_http");
    } else if (!window.AudioWorkletNode) this.fail("old_browser");
  }

  part(name) {
    return this.root.querySelector(`.${name}`);
  }

  /** Something of it changed, on the page or at the server. */
  update(data, setTriggerValue) {
    this.data = data;
    this.tell = setTriggerValue;
    const text = this.part("text");
    text.textContent = data.text;
    text.lang = data.language;
    text.hidden = !data.text;
    this.admit(this.told === undefined ? data.unavailable : this.told);
    this.heed(data.used, data.received);
    this.show();
    this.list();
  }

  async start() {
    this.phase = "asking";
    this.hush();
    this.show();
    const sound = (this.sound = new Sound(this.data));
    try {
      const microphone = await listen(
        (block) => this.hear(sound, block),
        () => this.stop(),
      );
      if (this.gone) return microphone.close();
      this.microphone = microphone;
    } catch (problem) {
      return this.fail(REASONS[problem.name] ?? "failed");
    }
    this.trouble = null;
    this.admit(this.told);
    this.phase = "recording";
    this.news("");
    this.show();
  }

  hear(sound, block) {
    if (!this.microphone || sound !== this.sound) return;
    const most = Math.min(
      this.data.longest * this.microphone.rate,
      Math.floor((this.data.bytes - HEADER) / 2),
    );
    sound.add(block.subarray(0, most - sound.samples));
    this.meter();
    if (sound.samples >= most) this.stop();
  }

  stop() {
    if (!this.microphone) return;
    const { rate, settings, close } = this.microphone;
    const seconds = this.sound.samples / rate;
    close();
    this.microphone = null;
    this.phase = "idle";
    if (seconds < SHORTEST) this.news("That was too short. Record at least a few sentences.");
    else this.keep(seconds, rate, settings);
    this.sound = null;
    this.show();
    this.list();
  }

  keep(seconds, rate, settings) {
    const blob = wav(this.sound.blocks, rate);
    const reported = Object.keys(PROCESSING).map((name) => [name, settings[name] ?? null]);
    const take = {
      id: Date.now(),
      number: ++this.made,
      seconds,
      level: this.sound.whole(),
      settings: Object.fromEntries(reported),
      blob,
      url: URL.createObjectURL(blob),
    };
    this.takes.push(take);
    if (this.takes.length > MOST_TAKES) {
      this.drop(this.takes.find((other) => other !== this.sending?.take && other.id !== this.data.used));
    }
    this.news(`Take ${take.number} is ready, ${clock(seconds)}. ${ADVICE[take.level]}.`, "unseen");
  }

  /** One take is heard at a time, and none while the microphone listens. */
  hush(but) {
    this.takes.forEach((take) => take !== but && take.player?.pause());
  }

  drop(take) {
    URL.revokeObjectURL(take.url);
    take.row?.remove();
    this.takes = this.takes.filter((other) => other !== take);
  }

  /** Hand a take over: once, by triggers. */
  use(take) {
    this.sending = { take, at: 0, end: 0, size: FIRST_PIECE };
    this.news(`Sending take ${take.number}…`);
    const reader = new FileReader();
    reader.onload = () => {
      if (this.gone) return;
      this.sending.text = reader.result.slice(reader.result.indexOf(",") + 1);
      this.sendOn();
    };
    reader.readAsDataURL(take.blob);
    this.list();
  }

  /** The next piece; each waits for the one before, as a connection is kept alive in between. */
  sendOn() {
    const { take, text, at, size } = this.sending;
    this.sending.end = Math.min(at + size, text.length);
    this.sending.began = performance.now();
    clearTimeout(this.late);
    this.late = setTimeout(() => this.lose(), ARRIVES_WITHIN);
    const wav = text.slice(at, this.sending.end);
    this.tell("take", { id: take.id, at, of: text.length, wav, settings: take.settings });
  }

  /** What the server says it has: a take that is used, or part of one. */
  heed(used, [id, length]) {
    if (!this.sending?.text) return;
    const { take, at, end, began } = this.sending;
    if (used === take.id) {
      clearTimeout(this.late);
      this.sending = null;
      this.news("");
    } else if (id === take.id && length === end) {
      const pace = (end - at) / ((performance.now() - began) / 1000);
      this.sending.size = Math.max(FIRST_PIECE, Math.round(pace * PIECE_TAKES));
      this.sending.at = end;
      this.sendOn();
    }
  }

  lose() {
    this.sending = null;
    this.news("The take didn't arrive. Check your connection and try again.");
    this.list();
  }

  fail(reason) {
    if (this.gone) return;
    this.phase = "idle";
    this.trouble = reason;
    if (!this.tell) return;
    this.admit(this.told);
    this.show();
  }

  /** Say why it cannot work, or that it can again, where the server knows otherwise. */
  admit(known) {
    if (this.trouble !== known) this.tell("unavailable", this.trouble ?? "");
    this.told = this.trouble;
  }

  /** "unseen": for those alone who hear the page; others see it happen. */
  news(sentence, seen = "") {
    this.part("news").className = `news ${seen}`;
    this.part("news").textContent = sentence;
  }

  /** What changes with each block. It is not read aloud, which would be recorded, too. */
  meter() {
    const { rate } = this.microphone;
    const seconds = this.sound.samples / rate;
    const level = this.sound.now(rate);
    const loudness = Math.max(-60, this.sound.levels.at(-1).loudness);
    this.shown = Math.max(loudness, (this.shown ?? -60) - 1.5); // falls slowly, as meters do
    const meter = this.part("meter");
    meter.setAttribute("aria-valuenow", Math.round(loudness));
    meter.setAttribute("aria-valuetext", LEVELS[level]);
    this.part("filled").style.width = `${(100 * (this.shown + 60)) / 60}%`;
    this.part("level").className = `level ${level}`;
    this.part("word").textContent = LEVELS[level];
    this.part("elapsed").textContent = clock(seconds);
    this.part("hint").textContent = this.hint(seconds);
  }

  hint(seconds) {
    const [least, most] = this.data.best;
    const left = (end) => `${Math.ceil(end - seconds)} s`;
    if (seconds < least) return `Keep reading, ${left(least)} to go`;
    if (seconds < most) return `Long enough. You can stop, or read on for ${left(most)}`;
    if (seconds < this.data.longest - 10) return "Plenty. Stop when you like";
    return `Stops in ${left(this.data.longest)}`;
  }

  show() {
    const recording = this.phase === "recording";
    this.part("recorder").classList.toggle("recording", recording);
    const button = this.part("record");
    // Disabled for a moment it would lose the focus, and who records by keyboard could not stop.
    button.ariaDisabled = this.phase === "asking";
    button.disabled = ["plain_http", "old_browser"].includes(this.trouble);
    button.textContent = recording ? "Stop" : this.takes.length ? "Record again" : "Record";
    this.part("level").hidden = !recording;
    this.part("trouble").hidden = !this.trouble;
    this.part("trouble").textContent = this.data.sentences[this.trouble] ?? "";
    if (recording) return;
    const [least, most] = this.data.best;
    this.part("elapsed").textContent = "";
    this.part("hint").textContent =
      this.phase === "asking" ? "Allow the microphone…" : `${least} to ${most} seconds are best.`;
  }

  list() {
    for (const take of this.takes) {
      take.row ??= this.row(take);
      const used = take.id === this.data.used;
      const [use, drop] = take.row.querySelectorAll("button");
      const isSending = take === this.sending?.take;
      use.textContent = isSending ? this.progress() : used ? "✓ In use" : "Use this take";
      use.classList.toggle("used", used);
      use.disabled = used || Boolean(this.sending) || Boolean(this.microphone);
      drop.disabled = isSending;
    }
  }

  progress() {
    const { at, text } = this.sending;
    return at ? `Sending… ${Math.round((100 * at) / text.length)}%` : "Sending…";
  }

  row(take) {
    const row = this.root.querySelector("template").content.firstElementChild.cloneNode(true);
    const altered = Object.keys(PROCESSING).filter((name) => take.settings[name]);
    row.querySelector("b").textContent = `Take ${take.number}`;
    row.querySelector("span").textContent = `· ${clock(take.seconds)} · ${ADVICE[take.level]}`;
    row.querySelector("small").textContent = altered.length
      ? `This browser kept ${altered.map((name) => PROCESSING[name]).join(" and ")} on.`
      : "";
    take.player = row.querySelector("audio");
    take.player.src = take.url;
    take.player.onplay = () => this.hush(take);
    take.player.ariaLabel = `Take ${take.number}`;
    const [use, drop] = row.querySelectorAll("button");
    use.onclick = () => this.use(take);
    drop.ariaLabel = `Delete take ${take.number}`;
    drop.onclick = () => {
      this.drop(take);
      this.news("");
      this.show();
      this.part("record").focus();
    };
    this.part("takes").prepend(row);
    return row;
  }

  /** The page no longer shows it. */
  leave() {
    this.gone = true;
    clearTimeout(this.late);
    this.microphone?.close();
    this.microphone = null;
    this.takes.forEach((take) => URL.revokeObjectURL(take.url));
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  // Called anew whenever something changes, with the same element.
  const recorder = (parentElement.voicekeep ??= new Recorder(parentElement, data));
  recorder.update(data, setTriggerValue);
  return () => {
    recorder.leave();
    delete parentElement.voicekeep;
  };
}
