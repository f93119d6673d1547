// Verify an Assaymark log without Assaymark: Node 18 or later and nothing else.
//
//   node verify-log.mjs FOLDER NAME+ID+KEY                  the head, every tile, every entry
//   node verify-log.mjs --receipt FILE ENTRY NAME+ID+KEY    one entry by its receipt
//
// Formats: c2sp.org/signed-note, tlog-checkpoint, tlog-tiles, tlog-proof; hashing as in RFC 6962.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash("sha256")).digest();
const leafHash = (data) => sha256(Buffer.of(0), data);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const fail = (why) => { console.log(`does not verify: ${why}`); process.exit(1); };
const same = (a, b, why) => { if (!a.equals(b)) fail(why); };

function head(note, vkey) {
  const [, name, id, key] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? fail("that is no key");
  const raw = Buffer.from(key, "base64");
  same(sha256(`${name}\n`, raw).subarray(0, 4), Buffer.from(id, "hex"), "the key's id is not its own");
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw.subarray(1)]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  const at = note.lastIndexOf("\n\n") + 1;
  const text = note.slice(0, at);
  const ours = note.slice(at + 1).split("\n").filter((line) => line.startsWith(`— ${name} `))
    .map((line) => Buffer.from(line.split(" ")[2], "base64")).filter((s) => s.subarray(0, 4).toString("hex") === id);
  if (!ours.length || !ours.every((s) => verify(null, Buffer.from(text), publicKey, s.subarray(4)))) {
    fail("the head bears no signature by that key");
  }
  const [origin, size, root] = text.split("\n");
  if (origin !== name) fail(`the head is that of ${origin}`);
  return { size: Number(size), root: Buffer.from(root, "base64") };
}

function treeHash(hashes) {                    // RFC 6962, section 2.1
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0];
  const k = 2 ** (Math.ceil(Math.log2(hashes.length)) - 1);
  return nodeHash(treeHash(hashes.slice(0, k)), treeHash(hashes.slice(k)));
}

function tilePath(level, index, width) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0").match(/.../g);
  const name = digits.map((d, n) => (n < digits.length - 1 ? `x${d}` : d)).join("/");
  return `tile/${level}/${name}${width < 256 ? `.p/${width}` : ""}`;
}

function log(folder, vkey) {
  const { size, root } = head(readFileSync(join(folder, "checkpoint"), "utf8"), vkey);
  let hashes = [];
  for (let start = 0; start < size; start += 256) {
    const width = Math.min(256, size - start);
    const path = tilePath("entries", start / 256, width);
    let bundle = readFileSync(join(folder, path));
    for (let n = 0; n < width; n++) {
      const end = bundle.length < 2 ? Infinity : 2 + bundle.readUInt16BE(0);
      if (end > bundle.length) fail(`${path} ends within entry ${start + n}`);
      hashes.push(leafHash(bundle.subarray(2, end)));
      bundle = bundle.subarray(end);
    }
    if (bundle.length) fail(`${path} has something behind its last entry`);
  }
  same(treeHash(hashes), root, "the entries do not give the root that is signed");
  for (let level = 0; hashes.length; level++) { // every tile says what the entries give
    const above = [];
    for (let start = 0; start < hashes.length; start += 256) {
      const part = hashes.slice(start, start + 256);
      const path = tilePath(level, start / 256, part.length);
      same(readFileSync(join(folder, path)), Buffer.concat(part), `${path} is not what the entries give`);
      if (part.length === 256) above.push(treeHash(part));
    }
    hashes = above;
  }
  console.log(`verifies: ${size} entries, root ${root.toString("hex")}`);
}

function receipt(file, entry, vkey) {
  const text = readFileSync(file, "utf8");
  const at = text.indexOf("\n\n");
  const lines = text.slice(0, at).split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") fail("that is no receipt");
  if (lines[0].startsWith("extra ")) lines.shift();
  const index = Number(lines.shift().slice("index ".length));
  const { size, root } = head(text.slice(at + 2), vkey);
  let [fn, sn, hash] = [index, size - 1, leafHash(readFileSync(entry))];
  if (!(index >= 0 && index < size)) fail("its entry is beyond its head");
  for (const node of lines.map((line) => Buffer.from(line, "base64"))) { // RFC 9162, 2.1.3.2
    if (sn === 0) fail("its proof is too long");
    const left = fn % 2 === 1 || fn === sn;
    hash = left ? nodeHash(node, hash) : nodeHash(hash, node);
    if (left) while (fn && fn % 2 === 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  if (sn !== 0) fail("its proof is too short");
  same(hash, root, `that is not what was recorded as entry ${index}`);
  console.log(`verifies: entry ${index} of ${size}`);
}

const [first, ...rest] = process.argv.slice(2);
try {
  if (first === "--receipt") receipt(...rest); else log(first, ...rest);
} catch (error) { fail(error.message); }
