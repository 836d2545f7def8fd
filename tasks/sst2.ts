import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../engine/index.js';
import type { Example, Task } from './task.js';

/**
 * SST-2 (Socher et al. 2013): is a film review's sentence negative (0) or positive (1)? GLUE's files SST-2/train.tsv and
 * SST-2/dev.tsv; the latter is the test set, for GLUE's test labels are not public. Template and verbalizers of MeZO
 * (Table 14) and ZO-Bench; trained as classification.
 */
export const sst2: Task = {
  id: 'sst2',
  version: 1,
  load(folder) {
    const files = ['train.tsv', 'dev.tsv'].map((name) => glueFile(folder, name));
    const [train = [], test = []] = files.map(readGlue);
    return { train, test, files };
  },
};

const CANDIDATES = [' terrible', ' great'] as const;

function glueFile(folder: string, name: string): string {
  const places = [join(folder, 'SST-2', name), join(folder, name)];
  const found = places.find((place) => existsSync(place));
  if (!found) throw new InputError(`there is no ${places.join(' and no ')}: --data takes a folder with GLUE's SST-2/`);
  return found;
}

function readGlue(file: string): Example[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  if (lines[0] !== 'sentence\tlabel') throw new InputError(`${file}:1: the header is not "sentence<tab>label"`);
  return lines.slice(1).flatMap((line, index) => (line === '' ? [] : [parseLine(line, `${file}:${index + 2}`)]));
}

function parseLine(line: string, place: string): Example {
  const fields = line.split('\t');
  const [sentence = '', label = ''] = fields;
  if (fields.length !== 2) throw new InputError(`${place}: ${fields.length} tab-separated fields instead of sentence and label`);
  if (label !== '0' && label !== '1') throw new InputError(`${place}: label ${JSON.stringify(label)} is neither 0 nor 1`);
  const text = sentence.trim();
  if (text === '') throw new InputError(`${place}: the sentence is empty`);
  return { prompt: `${text} It was`, candidates: CANDIDATES, answer: Number(label) };
}
