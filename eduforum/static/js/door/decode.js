// QR codes in pictures, by zxing compiled to WebAssembly; fetched when the first picture comes.

const WASM = new URL("../../vendor/zxing/reader/zxing_reader.wasm", import.meta.url).href;
const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true, tryInvert: false };
let loading;

async function reader() {
  loading ??= import("../../vendor/zxing/es/reader/index.js").then((zxing) => {
    zxing.prepareZXingModule({ overrides: { locateFile: () => WASM } });
    return zxing;
  });
  return loading;
}

/** The text of the QR code in a picture (ImageData or Blob), or null. */
export async function decode(picture) {
  const { readBarcodes } = await reader();
  const found = await readBarcodes(picture, OPTIONS);
  return found.find((code) => code.isValid)?.text ?? null;
}
