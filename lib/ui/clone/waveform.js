// Draws a recording and has a part of it chosen: by mouse, touch or keyboard.
const MARGIN = 12; // pixels beside the picture, for handles at its ends
const REACH = 22; // pixels on either side of a handle that a finger may miss it by
const STEP = 0.1; // seconds, by an arrow
const LEAP = 1; // seconds, by Shift and an arrow, or by Page Up and Page Down
const RESTS = 500; // milliseconds after the last key
const ENDS = ["start", "end"];
// Heights, in pixels: cut-off marks, the waves, the line that tells speech from pauses, the axis.
const TOP = 12;
const WAVES = 100;
const LINE = 124;
const AXIS = 136;
const ROOM_FOR_TIME = 64; // pixels between two times on the axis
const TICKS = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

const pad = (number, digits) => number.toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
const clock = (seconds, digits = 0) => {
  const rounded = Number(seconds.toFixed(digits));
  return `${Math.floor(rounded / 60)}:${pad(rounded % 60, digits)}`;
};
const spoken = (seconds) => {
  const rounded = Number(seconds.toFixed(1));
  const minutes = Math.floor(rounded / 60);
  const rest = `${(rounded % 60).toFixed(1)} seconds`;
  return minutes ? `${minutes} ${minutes === 1 ? "minute" : "minutes"} ${rest}` : rest;
};
const clamp = (number, least, most) => Math.min(Math.max(number, least), most);

class Waveform {
  sent = 0;
  held = null; // what a pointer drags

  constructor(root) {
    this.stage = root.querySelector(".stage");
    this.canvas = root.querySelector("canvas");
    this.chosen = root.querySelector(".chosen");
    this.clipped = root.querySelector(".clipped");
    this.unused = root.querySelector(".unused");
    this.handles = ENDS.map((end) => root.querySelector(`.${end}`));
    this.stage.onpointerdown = (event) => this.grab(event);
    this.stage.onpointermove = (event) => this.drag(event);
    this.stage.onpointerup = this.stage.onpointercancel = () => this.letGo();
    this.handles.forEach((handle, which) => {
      handle.onkeydown = (event) => this.press(event, which);
      handle.onblur = () => this.timer && this.tellNow();
    });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.stage);
  }

  update(data, setTriggerValue) {
    this.tell = setTriggerValue;
    const isOther = this.data && this.data.seconds !== data.seconds;
    this.data = data;
    // While a hand is on it, or what it chose is on its way, the server does not know better.
    if (isOther || (!this.held && !this.timer && data.seen >= this.sent)) this.part = [...data.part];
    this.canvas.ariaLabel = data.told;
    this.clipped.hidden = !data.clipped.length;
    this.draw();
  }

  get width() {
    return this.stage.clientWidth;
  }

  at(seconds) {
    return (seconds / this.data.seconds) * this.width;
  }

  secondsAt(event) {
    const x = event.clientX - this.stage.getBoundingClientRect().left;
    return (x / this.width) * this.data.seconds;
  }

  /** The nearest handle within reach, else the part as a whole where it was hit. */
  grab(event) {
    if (event.button) return;
    const x = event.clientX - this.stage.getBoundingClientRect().left;
    const [start, end] = this.part.map((seconds) => this.at(seconds));
    const far = [Math.abs(x - start), Math.abs(x - end)];
    // Where the two are close together, each is taken from its own side.
    const which = far[0] === far[1] ? Number(x > start) : Number(far[1] < far[0]);
    if (far[which] <= REACH && (x < start || x > end || far[which] < (end - start) / 3)) {
      this.held = { which, from: this.secondsAt(event), part: [...this.part] };
      this.handles[which].focus({ preventScroll: true });
    } else if (x > start && x < end) {
      this.held = { which: null, from: this.secondsAt(event), part: [...this.part] };
    } else return;
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
  }

  drag(event) {
    if (!this.held) return;
    const { which, from, part } = this.held;
    const by = this.secondsAt(event) - from;
    if (which === null) {
      const moved = clamp(by, -part[0], this.data.seconds - part[1]);
      this.part = part.map((seconds) => seconds + moved);
      this.draw();
    } else this.move(which, part[which] + by);
  }

  letGo() {
    if (!this.held) return;
    const { part } = this.held;
    this.held = null;
    if (part.some((seconds, which) => seconds !== this.part[which])) this.tellNow();
  }

  press(event, which) {
    const steps = {
      ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP,
      PageDown: -LEAP, PageUp: LEAP, Home: -Infinity, End: Infinity,
    };
    let step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.shiftKey && Math.abs(step) === STEP) step = Math.sign(step) * LEAP;
    event.preventDefault();
    this.move(which, this.part[which] + step);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tellNow(), RESTS);
  }

  bounds(which) {
    const { seconds, shortest } = this.data;
    return which ? [this.part[0] + shortest, seconds] : [0, this.part[1] - shortest];
  }

  move(which, seconds) {
    this.part[which] = clamp(seconds, ...this.bounds(which));
    this.draw();
  }

  tellNow() {
    clearTimeout(this.timer);
    this.timer = null;
    this.sent = Math.max(Date.now(), this.sent + 1);
    const [start, end] = this.part.map((seconds) => Number(seconds.toFixed(3)));
    this.tell("part", { id: this.sent, start, end });
  }

  draw() {
    if (!this.data || !this.width) return;
    this.part.forEach((seconds, which) => {
      const handle = this.handles[which];
      const [least, most] = this.bounds(which);
      handle.style.left = `${this.at(seconds)}px`;
      handle.ariaValueMin = least.toFixed(1);
      handle.ariaValueMax = most.toFixed(1);
      handle.ariaValueNow = seconds.toFixed(1);
      handle.ariaValueText = spoken(seconds);
    });
    const [start, end] = this.part;
    const isWhole = start <= 0 && end >= this.data.seconds;
    this.unused.hidden = isWhole;
    this.chosen.textContent = isWhole
      ? `The whole recording, ${clock(end, 1)}`
      : `${clock(start, 1)} to ${clock(end, 1)}, ${(end - start).toFixed(1)} s`;
    this.paint();
  }

  paint() {
    const { canvas, data, width } = this;
    const style = getComputedStyle(canvas);
    const colours = {};
    const colour = (name) => (colours[name] ??= style.getPropertyValue(`--st-${name}-color`).trim());
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round((width + 2 * MARGIN) * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.translate(MARGIN, 0);
    const [start, end] = this.part.map((seconds) => this.at(seconds));

    pen.fillStyle = colour("secondary-background");
    pen.fillRect(start, TOP, end - start, WAVES);
    this.paintWaves(pen, colour);
    this.paintLeftOut(pen, colour, [[0, start], [end, width]]);

    // Speech is a solid line, a pause a dotted one: told apart without their colours.
    pen.fillStyle = colour("gray");
    for (let x = 0; x < width; x += 5) pen.fillRect(x, LINE - 1, 2, 2);
    for (const [from, to] of data.speech) {
      pen.clearRect(this.at(from), LINE - 3, this.at(to) - this.at(from), 6);
      pen.fillStyle = colour("primary");
      pen.fillRect(this.at(from), LINE - 2, Math.max(this.at(to) - this.at(from), 1), 4);
    }
    pen.fillStyle = colour("red");
    for (const [from, to] of data.clipped) {
      const x = this.at((from + to) / 2);
      pen.fillRect(this.at(from), TOP, Math.max(this.at(to) - this.at(from), 1), WAVES);
      pen.beginPath();
      pen.moveTo(x - 6, 0), pen.lineTo(x + 6, 0), pen.lineTo(x, 10);
      pen.fill();
    }
    this.paintAxis(pen, colour, style.fontFamily);
  }

  paintWaves(pen, colour) {
    const { envelope, seconds, speech } = this.data;
    const columns = Math.max(1, Math.min(envelope.length, Math.floor(this.width / 3)));
    const wide = this.width / columns;
    for (let column = 0; column < columns; column++) {
      const from = Math.floor((column * envelope.length) / columns);
      const to = Math.max(from + 1, Math.floor(((column + 1) * envelope.length) / columns));
      const loudest = Math.max(...envelope.slice(from, to));
      const [left, right] = [column, column + 1].map((edge) => (edge / columns) * seconds);
      const isSpeech = speech.some(([begins, ends]) => begins < right && left < ends);
      const height = Math.max(2, loudest * (WAVES - 4));
      pen.fillStyle = colour(isSpeech ? "primary" : "gray");
      pen.fillRect(column * wide, TOP + (WAVES - height) / 2, Math.max(wide - 1, 1), height);
    }
  }

  /** Dimmed, and hatched. */
  paintLeftOut(pen, colour, stretches) {
    for (const [from, to] of stretches) {
      if (to - from < 0.5) continue;
      pen.save();
      pen.beginPath();
      pen.rect(from, TOP, to - from, WAVES);
      pen.clip();
      pen.globalAlpha = 0.65;
      pen.fillStyle = colour("background");
      pen.fillRect(from, TOP, to - from, WAVES);
      pen.globalAlpha = 0.35;
      pen.strokeStyle = colour("gray");
      pen.beginPath();
      for (let x = from - WAVES - (from % 8); x < to; x += 8) {
        pen.moveTo(x, TOP + WAVES);
        pen.lineTo(x + WAVES, TOP);
      }
      pen.stroke();
      pen.restore();
    }
  }

  paintAxis(pen, colour, font) {
    const { seconds } = this.data;
    const room = (ROOM_FOR_TIME / this.width) * seconds;
    const every = TICKS.find((tick) => tick >= room) ?? TICKS.at(-1);
    pen.fillStyle = pen.strokeStyle = colour("text");
    pen.font = `13px ${font}`;
    pen.textBaseline = "top";
    pen.globalAlpha = 0.75;
    for (let time = 0; time <= seconds; time += every) {
      const x = this.at(time);
      pen.fillRect(x, AXIS, 1, 6);
      pen.textAlign = time === 0 ? "left" : x > this.width - 20 ? "right" : "center";
      pen.fillText(clock(time, every < 1 ? 1 : 0), x + (time === 0 ? -1 : 0), AXIS + 10);
    }
    pen.globalAlpha = 1;
  }

  leave() {
    this.observer.disconnect();
    clearTimeout(this.timer);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  // Called anew whenever something changes, the theme too, with the same element.
  const waveform = (parentElement.voicekeep ??= new Waveform(parentElement));
  waveform.update(data, setTriggerValue);
  return () => {
    waveform.leave();
    delete parentElement.voicekeep;
  };
}
