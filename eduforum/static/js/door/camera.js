// The camera: picture after picture until a code is seen.

import { decode } from "./decode.js";

const WIDEST = 800; // pixels are enough for a 45 × 45 code, and more cost time
const PAUSE = 60; // ms between two pictures: leaves the phone cool

export class Camera {
  #video;
  #stream = null;
  #running = false;
  #cameras = [];
  #canvas = document.createElement("canvas");

  constructor(video) {
    this.#video = video;
  }

  /** Open a camera (the rear one, or `deviceId`). Throws what the browser throws. */
  async open(deviceId = null) {
    this.close();
    const video = { width: { ideal: 1280 }, height: { ideal: 720 } };
    if (deviceId) video.deviceId = { exact: deviceId };
    else video.facingMode = { ideal: "environment" };
    this.#stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    const devices = await navigator.mediaDevices.enumerateDevices();
    this.#cameras = devices.filter((device) => device.kind === "videoinput");
  }

  close() {
    this.stop();
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  get isOpen() {
    return this.#stream !== null;
  }

  get hasTorch() {
    return Boolean(this.#track?.getCapabilities?.().torch);
  }

  get hasChoice() {
    return this.#cameras.length > 1;
  }

  async setTorch(on) {
    await this.#track.applyConstraints({ advanced: [{ torch: on }] });
  }

  async next() {
    const now = this.#track.getSettings().deviceId;
    const place = this.#cameras.findIndex((camera) => camera.deviceId === now);
    await this.open(this.#cameras[(place + 1) % this.#cameras.length].deviceId);
  }

  /** Look for codes until `stop`; `onCode` gets each text that is seen. */
  start(onCode) {
    if (this.#running || !this.isOpen) return;
    this.#running = true;
    this.#look(onCode);
  }

  stop() {
    this.#running = false;
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  async #look(onCode) {
    while (this.#running) {
      const picture = this.#picture();
      const text = picture && (await decode(picture).catch(() => null));
      if (text && this.#running) onCode(text);
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  #picture() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (!width || document.hidden) return null;
    const scale = Math.min(1, WIDEST / width);
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    const pen = this.#canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    return pen.getImageData(0, 0, this.#canvas.width, this.#canvas.height);
  }
}
