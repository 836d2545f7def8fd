import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../engine/index.js';
import { dataFolder, taskIds, taskNamed, type ModelKind, type Template } from '../../tasks/index.js';
import { sharedFolder } from '../support/shared.js';

const sst2 = taskNamed('sst2');
const load = (folder: string, kind: ModelKind = 'causal', template: Template = 'aligned') => sst2.load(folder, { kind, template });
const candidates = [' terrible', ' great'];

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const HEADER = 'sentence\tlabel';
const GOOD = [HEADER, 'fine film\t1', 'dull film \t0', ''].join('\n');

/** A data folder with these files in GLUE's SST-2/; a file given as undefined is left out. */
function folderWith({ train = GOOD, dev = GOOD, inner = 'SST-2' }: { train?: string; dev?: string | null; inner?: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
  folders.push(folder);
  mkdirSync(join(folder, inner), { recursive: true });
  writeFileSync(join(folder, inner, 'train.tsv'), train);
  if (dev !== null) writeFileSync(join(folder, inner, 'dev.tsv'), dev);
  return folder;
}

const real = join(sharedFolder, 'data');
const isThere = existsSync(join(real, 'SST-2/dev.tsv'));
if (!isThere) console.warn(`skipped: no SST-2 in ${real}`);

describe("the paper's template", () => {
  (isThere ? test : test.skip)("makes these prompts of the first five items of GLUE's dev.tsv", async () => {
    // "{text} It was" and the candidates " terrible" (0) and " great" (1); the text without the spaces around it.
    expect((await load(real)).test.slice(0, 5)).toEqual(
      [
        { prompt: "it 's a charming and often affecting journey . It was", answer: 1 },
        { prompt: 'unflinchingly bleak and desperate It was', answer: 0 },
        {
          prompt: 'allows us to hope that nolan is poised to embark a major career as a commercial yet inventive filmmaker . It was',
          answer: 1,
        },
        {
          prompt:
            "the acting , costumes , music , cinematography and sound are all astounding given the production 's austere locales . It was",
          answer: 1,
        },
        { prompt: "it 's slow -- very , very slow . It was", answer: 0 },
      ].map((item, index) => ({ ...item, candidates, place: `${join(real, 'SST-2/dev.tsv')}:${index + 2}` })),
    );
  });

  test('takes quotes as they are, for the files have no quoting', async () => {
    const folder = folderWith({ train: `${HEADER}\n" a " quote and "" another\t1\n` });
    expect((await load(folder)).train).toMatchObject([{ prompt: '" a " quote and "" another It was', candidates, answer: 1 }]);
  });
});

test('a masked language model is asked for the word in the place of a mask, the plain way is the sentence alone', async () => {
  const folder = folderWith({});
  expect((await load(folder, 'masked')).train[0]).toMatchObject({ prompt: 'fine film It was<mask>.', candidates, answer: 1 });
  expect((await load(folder, 'causal', 'plain')).train[0]).toMatchObject({ prompt: 'fine film', candidates, answer: 1 });
  await expect(load(folder, 'masked', 'plain')).rejects.toThrow(
    new UsageError(
      'task sst2 has no plain prompt for masked language models (there are: aligned and plain for causal language models, aligned for masked language models)',
    ),
  );
});

test('the bundled data load: 2,000 training items and 1,000 test items, both answers about equally often', async () => {
  const { train, test: held, files } = await load(dataFolder('bundled'));
  expect(train).toHaveLength(2000);
  expect(held).toHaveLength(1000);
  expect(held[0]).toMatchObject({ prompt: 'the hero was neither witty nor warm . It was', candidates, answer: 0 });
  for (const items of [train, held]) {
    const positive = items.filter(({ answer }) => answer === 1).length / items.length;
    expect(Math.abs(positive - 0.5)).toBeLessThan(0.02);
  }
  expect(files).toEqual(['train.tsv', 'dev.tsv'].map((name) => join(dataFolder('bundled'), 'SST-2', name)));
});

test('any other folder is taken as it is, with the files in SST-2/ or directly in it, with either line end', async () => {
  const folder = folderWith({ inner: '.', train: GOOD.replaceAll('\n', '\r\n') });
  expect(dataFolder(folder)).toBe(folder);
  const { train, files } = await load(folder);
  expect(train.map(({ prompt, answer }) => ({ prompt, answer }))).toEqual([
    { prompt: 'fine film It was', answer: 1 },
    { prompt: 'dull film It was', answer: 0 },
  ]);
  expect(files).toEqual([join(folder, 'train.tsv'), join(folder, 'dev.tsv')]);
});

test('an unknown task is refused with the nearest known one and all of them', () => {
  expect(() => taskNamed('sst-2')).toThrow(new UsageError(`unknown task sst-2: did you mean sst2? (there are: ${taskIds.join(', ')})`));
});
