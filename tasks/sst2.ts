import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../engine/index.js';
import { defineTask, type Located } from './define.js';
import { MASK } from './task.js';

interface Review {
  readonly text: string;
  readonly label: number;
}

const WORDS = [' terrible', ' great'] as const;

const ask = (prompt: (text: string) => string) => (item: Review) => ({
  prompt: prompt(item.text),
  candidates: WORDS,
  answer: item.label,
});

/**
 * SST-2 (Socher et al. 2013): is a film review's sentence negative (0) or positive (1)? GLUE's files SST-2/train.tsv and
 * SST-2/dev.tsv; the latter is the test set, for GLUE's test labels are not public. Templates and verbalizers of MeZO
 * (Tables 13 and 14) and ZO-Bench; trained as classification.
 */
export const sst2 = defineTask<Review>({
  id: 'sst2',
  version: 1,
  metric: 'accuracy',
  training: 'choice',
  read: readGlue,
  prompts: {
    causal: { aligned: ask((text) => `${text} It was`), plain: ask((text) => text) },
    masked: { aligned: ask((text) => `${text} It was${MASK}.`) },
  },
});

function readGlue(folder: string) {
  const files = ['train.tsv', 'dev.tsv'].map((name) => glueFile(folder, name));
  const [train = [], test = []] = files.map(readTable);
  return Promise.resolve({ train, test, files });
}

function glueFile(folder: string, name: string): string {
  const places = [join(folder, 'SST-2', name), join(folder, name)];
  const found = places.find((place) => existsSync(place));
  if (!found) throw new InputError(`there is no ${places.join(' and no ')}: --data takes a folder with GLUE's SST-2/`);
  return found;
}

function readTable(file: string): Located<Review>[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  if (lines[0] !== 'sentence\tlabel') throw new InputError(`${file}:1: the header is not "sentence<tab>label"`);
  return lines.slice(1).flatMap((line, index) => (line === '' ? [] : [parseLine(line, `${file}:${index + 2}`)]));
}

function parseLine(line: string, place: string): Located<Review> {
  const fields = line.split('\t');
  const [sentence = '', label = ''] = fields;
  if (fields.length !== 2) throw new InputError(`${place}: ${fields.length} tab-separated fields instead of sentence and label`);
  if (label !== '0' && label !== '1') throw new InputError(`${place}: label ${JSON.stringify(label)} is neither 0 nor 1`);
  const text = sentence.trim();
  if (text === '') throw new InputError(`${place}: the sentence is empty`);
  return { item: { text, label: Number(label) }, place };
}
