import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { loadModel, openCheckpoint, unadapted } from '../../models/index.js';
import { readSafetensorsHeader, writeSafetensors, type TensorInfo } from '../../models/safetensors.js';
import { folderWith } from '../support/data-folder.js';
import { answerTo, fuzz, quickAnswerTo } from '../support/fuzz.js';
import { byteEdits, editBytes, editJson, editJsonFile, jsonEdits, jsonFileEdits } from '../support/mutations.js';
import { tinyConfigs, tinyModel } from '../support/tiny-model.js';

// A model's folder that was damaged or means harm: read, or refused in a line.

type FamilyName = keyof typeof tinyConfigs;
const families = Object.keys(tinyConfigs) as FamilyName[];

const tensorsOf = (family: FamilyName) => {
  const { parameters } = tinyModel(family);
  return parameters.all.map((one) => ({ name: one.name, shape: one.shape, data: parameters.values(one).slice() }));
};

const weightsFile = (folder: string): string => join(folder, 'model.safetensors');

const folders = Object.fromEntries(
  families.map((family) => {
    const folder = folderWith({ 'config.json': tinyConfigs[family] });
    writeSafetensors(weightsFile(folder), tensorsOf(family), 'F32');
    return [family, folder];
  }),
) as Record<FamilyName, string>;

const good = readFileSync(weightsFile(folders.opt));
const HEADER_START = 8;
const headerEnd = HEADER_START + Number(good.readBigUInt64LE());
const header = JSON.parse(good.toString('utf8', HEADER_START, headerEnd)) as unknown;
const damaged = join(folderWith({}), 'damaged.safetensors');

function requireOwnBytes(file: string, tensors: readonly TensorInfo[]): void {
  const { size } = statSync(file);
  const inOrder = [...tensors].sort((a, b) => a.start - b.start);
  const ends = inOrder.map(({ start, byteLength }) => start + byteLength);
  inOrder.forEach(({ start }, index) => expect(start).toBeGreaterThanOrEqual(ends[index - 1] ?? HEADER_START));
  expect(ends.at(-1) ?? size).toBeLessThanOrEqual(size);
}

async function readsSafetensors(bytes: Buffer): Promise<boolean> {
  writeFileSync(damaged, bytes);
  const tensors = await quickAnswerTo(() => readSafetensorsHeader(damaged));
  if (tensors) requireOwnBytes(damaged, tensors);
  return tensors !== undefined;
}

fuzz('bytes of a safetensors file', fc.tuple(byteEdits, fc.constantFrom(headerEnd, good.length)), 400, ([edits, end]) =>
  readsSafetensors(Buffer.concat([editBytes(good.subarray(0, end), edits), good.subarray(end)])),
);

fuzz("values of a safetensors file's header", jsonEdits, 400, (edits) => {
  const text = Buffer.from(JSON.stringify(editJson(header, edits)));
  const length = Buffer.alloc(HEADER_START);
  length.writeBigUInt64LE(BigInt(text.length));
  return readsSafetensors(Buffer.concat([length, text, good.subarray(headerEnd)]));
});

fuzz('config.json', fc.tuple(fc.constantFrom(...families), jsonFileEdits), 300, async ([family, edits]) => {
  const folder = folders[family];
  writeFileSync(join(folder, 'config.json'), editJsonFile(tinyConfigs[family], edits));
  const model = await answerTo(() => loadModel(openCheckpoint(folder), unadapted));
  if (model) {
    for (const size of Object.values(model.architecture.dimensions)) expect(Number.isSafeInteger(size) && size > 0).toBe(true);
  }
  return model !== undefined;
});

const around = folderWith({ 'model/config.json': tinyConfigs.opt, 'other.safetensors': readFileSync(weightsFile(folders.opt)) });
const shards = join(around, 'model');
const parts = { 'a.safetensors': tensorsOf('opt').slice(0, 5), 'b.safetensors': tensorsOf('opt').slice(5) };
for (const [name, tensors] of Object.entries(parts)) writeSafetensors(join(shards, name), tensors, 'F32');
const index = {
  metadata: { total_size: 1 },
  weight_map: Object.fromEntries(Object.entries(parts).flatMap(([file, tensors]) => tensors.map(({ name }) => [name, file]))),
};
/** Outside, with characters of their own, too long, not there. */
const ELSEWHERE = [
  ...['../other.safetensors', join(around, 'other.safetensors'), '..\\other.safetensors', './a.safetensors'],
  ...['a.safetensors\0', `${'x'.repeat(5000)}.safetensors`, 'c.safetensors', '/etc/passwd'],
];

const indexEdits = fc.tuple(jsonFileEdits, fc.option(fc.constantFrom(...ELSEWHERE)));
fuzz("a checkpoint's index", indexEdits, 300, async ([edits, elsewhere]) => {
  const [first = ''] = Object.keys(index.weight_map);
  const changed = elsewhere === null ? index : { ...index, weight_map: { ...index.weight_map, [first]: elsewhere } };
  writeFileSync(join(shards, 'model.safetensors.index.json'), editJsonFile(changed, edits));
  const checkpoint = await quickAnswerTo(() => {
    const opened = openCheckpoint(shards);
    opened.sha256();
    return opened;
  });
  for (const { file } of checkpoint?.tensors.values() ?? []) expect(dirname(file)).toBe(shards);
  return checkpoint !== undefined;
});
