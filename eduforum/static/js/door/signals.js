// What can be heard and felt: each tone of a verdict has its own. And a screen that stays awake.

const NOTES = {
  ok: [[880, 0, 0.09], [1320, 0.1, 0.14]],
  wait: [[520, 0, 0.16], [520, 0.24, 0.16]],
  bad: [[196, 0, 0.5]],
};
const SHAKES = { ok: [60], wait: [120, 80, 120], bad: [400] };
let audio = null;

/** Browsers give sound only after a touch or a key. */
export function allowSound() {
  if (!audio && window.AudioContext) audio = new AudioContext();
  if (audio?.state === "suspended") audio.resume();
}

export function signal(tone) {
  navigator.vibrate?.(SHAKES[tone]);
  if (audio?.state !== "running") return;
  for (const [frequency, after, length] of NOTES[tone]) {
    const oscillator = audio.createOscillator();
    const volume = audio.createGain();
    oscillator.type = tone === "bad" ? "square" : "sine";
    oscillator.frequency.value = frequency;
    volume.gain.value = tone === "bad" ? 0.12 : 0.3;
    oscillator.connect(volume).connect(audio.destination);
    oscillator.start(audio.currentTime + after);
    oscillator.stop(audio.currentTime + after + length);
  }
}

let lock = null;
let wanted = false;

export async function stayAwake(on) {
  wanted = on;
  if (!on) {
    await lock?.release();
    lock = null;
  } else if (navigator.wakeLock && !document.hidden) {
    lock = await navigator.wakeLock.request("screen").catch(() => null);
  }
}

// The lock is lost whenever the page is hidden.
document.addEventListener("visibilitychange", () => {
  if (wanted && !document.hidden) stayAwake(true);
});
