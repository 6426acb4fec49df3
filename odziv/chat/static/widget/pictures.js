/* Makes a chosen file one that can be kept: what it is, its bytes say; huge pictures are drawn smaller, and kinds that
 * only some browsers read (HEIC, AVIF…) become JPEG where this one does. Fetched with the first file; imports nothing,
 * so that the desk can use it as it is. */

const KEPT_FILES = /^(image\/(png|jpeg|gif|webp)|application\/pdf)$/;
const HEAD = 1 << 19; // bytes; photos carry notes and a thumbnail before their size
const PDF_STARTS_WITHIN = 1024;
const MOST_PIXELS = 40e6; // the server draws no more
const DRAWN_PIXELS = [12e6, 4e6]; // what a huge one becomes; the second, where the first has too many bytes still
const ASIDE = { heic: "HEIC", heix: "HEIC", hevc: "HEIC", hevx: "HEIC", heim: "HEIC", heis: "HEIC", mif1: "HEIF", msf1: "HEIF", avif: "AVIF", avis: "AVIF" };

const ascii = (bytes, start, end) => String.fromCharCode(...bytes.subarray(start, end));

/** A type that the server keeps, the name of one it doesn't, or "". */
function tellKind(bytes) {
  if (ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "image/png";
  if (ascii(bytes, 0, 3) === "\xff\xd8\xff") return "image/jpeg";
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return "image/gif";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "image/webp";
  if (ascii(bytes, 0, PDF_STARTS_WITHIN + 5).includes("%PDF-")) return "application/pdf";
  return ascii(bytes, 4, 8) === "ftyp" ? ASIDE[ascii(bytes, 8, 12)] || "" : "";
}

/** Width times height, without decoding it; 0 where that isn't found. */
function countPixels(bytes, kind) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    if (kind === "image/png") return view.getUint32(16) * view.getUint32(20);
    if (kind === "image/webp") return countInWebp(view, ascii(bytes, 12, 16));
    if (kind === "image/jpeg") return countInJpeg(view);
  } catch (end) { /* a file of a few bytes, or one with very long notes */ }
  return 0;
}

/** WebP says it in three ways: extended, without loss, and plain. */
function countInWebp(view, form) {
  const bits = view.getUint32(21, true);
  if (form === "VP8X") return (1 + (view.getUint32(24, true) & 0xffffff)) * (1 + (view.getUint32(26, true) >>> 8));
  if (form === "VP8L") return (1 + (bits & 0x3fff)) * (1 + ((bits >>> 14) & 0x3fff));
  return (view.getUint16(26, true) & 0x3fff) * (view.getUint16(28, true) & 0x3fff);
}

/** From the frame's header, which has the marker C0 to CF, three of them excepted. */
function countInJpeg(view) {
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    while (view.getUint8(at + 1) === 0xff) at += 1;
    const code = view.getUint8(at + 1);
    if (code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code)) return view.getUint16(at + 5) * view.getUint16(at + 7);
    if (view.getUint8(at) !== 0xff || code === 0xda) return 0;
  }
}

/** As a JPEG of so many pixels at most, upright; what can be seen through is white. */
async function redraw(blob, most) {
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, Math.sqrt(most / (bitmap.width * bitmap.height)));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve, reject) => canvas.toBlob((drawn) => (drawn ? resolve(drawn) : reject(new Error("not drawn"))), "image/jpeg", 0.9));
}

const asJpeg = (name, blob) => ({ name: `${name.replace(/\.(jpe?g|jpe|jfif|png|webp|hei[cf]|avif|bmp|tiff?)$/i, "")}.jpg`, blob, type: "image/jpeg" });

/** Drawn until it has no more than `mostBytes`. Throws where this browser can't read it. */
export async function drawSmaller({ name, blob }, mostBytes) {
  let drawn;
  for (const most of DRAWN_PIXELS) {
    drawn = await redraw(blob, most);
    if (drawn.size <= mostBytes) break;
  }
  return asJpeg(name, drawn);
}

/** { name, blob, type } of what is to be sent. Throws { code, kind }: empty, unreadable (HEIC and its like), attachment_type. */
export async function prepare({ name, blob }, mostBytes) {
  if (!blob.size) throw { code: "empty" };
  const bytes = new Uint8Array(await blob.slice(0, HEAD).arrayBuffer());
  const type = tellKind(bytes);
  const isKept = KEPT_FILES.test(type);
  const isHuge = countPixels(bytes, type) > MOST_PIXELS || blob.size > mostBytes;
  if (isKept && !(isHuge && /jpeg|png|webp/.test(type))) return { name, blob: new Blob([blob], { type }), type };
  const labelled = isKept ? type : type ? `image/${type.toLowerCase()}` : blob.type;
  try {
    return await drawSmaller({ name, blob: new Blob([blob], { type: labelled }) }, mostBytes);
  } catch (unread) {
    if (KEPT_FILES.test(labelled)) return { name, blob: new Blob([blob], { type: labelled }), type: labelled }; // the server says what is wrong with it
    throw type ? { code: "unreadable", kind: type } : { code: "attachment_type" };
  }
}
