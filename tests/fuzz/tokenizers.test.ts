import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { bundledModelFolder, loadTokenizer } from '../../models/index.js';
import { folderWith } from '../support/data-folder.js';
import { answerTo, fuzz } from '../support/fuzz.js';
import { byteEdits, editBytes, editJsonFile, jsonFileEdits } from '../support/mutations.js';

// A tokenizer that was damaged or means harm: it gives ids of its own, or is refused in a line. Its limits of time are part of it.

const TEXTS = [
  'The film was great, its ending less so: 3.14 <mask> </s> \u{1f600} e\u0301  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
  '',
  'a'.repeat(2000),
];
const BASES = ['opt-mini', 'llama-mini', 'roberta-mini'] as const;

/** Whether it opens and works. */
async function works(folder: string): Promise<boolean> {
  const coded = await answerTo(() => {
    const tokenizer = loadTokenizer(folder);
    const ids = TEXTS.flatMap((text) => tokenizer.encode(text));
    return { size: tokenizer.vocabularySize, ids, text: tokenizer.decode(ids) };
  });
  if (coded) {
    for (const id of coded.ids) expect(Number.isInteger(id) && id >= 0 && id < coded.size).toBe(true);
    expect(typeof coded.text).toBe('string');
  }
  return coded !== undefined;
}

const jsonOf = (name: string): unknown => JSON.parse(readFileSync(join(bundledModelFolder(name), 'tokenizer.json'), 'utf8'));
const definitions = new Map(BASES.map((name) => [name, jsonOf(name)]));
const json = folderWith({ 'config.json': { model_type: 'opt' } });

fuzz('tokenizer.json', fc.tuple(fc.constantFrom(...BASES), jsonFileEdits), 150, ([base, edits]) => {
  writeFileSync(join(json, 'tokenizer.json'), editJsonFile(definitions.get(base), edits));
  return works(json);
});

const { 'tokenizer.model': encoded } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../models/fixtures/added-tokens.json'), 'utf8'),
) as { 'tokenizer.model': string };
const sentencePiece = Buffer.from(encoded, 'base64');
const protobuf = folderWith({ 'config.json': { model_type: 'llama' } });

fuzz('tokenizer.model', byteEdits, 100, (edits) => {
  writeFileSync(join(protobuf, 'tokenizer.model'), editBytes(sentencePiece, edits));
  return works(protobuf);
});
