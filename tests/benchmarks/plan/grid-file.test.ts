import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gridFileJsonSchema, gridFileSchema, readGridFile } from '../../../benchmarks/plan/grid-file.js';
import { gridSchemaText } from '../../../scripts/grid-schema.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'grid-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function requests(text: string) {
  const file = path.join(folder, 'mine.yaml');
  writeFileSync(file, text);
  return readGridFile(file);
}

describe('a grid file', () => {
  test('has the options of the command line, lists as YAML has them or with commas', () => {
    expect(requests('optimizer: [zo-sgd, "zo-adam:beta1=0.5"]\nmodel: opt-mini, llama-mini\ntest-size: 64\n')).toEqual([
      { optimizer: ['zo-sgd', 'zo-adam:beta1=0.5'], model: ['opt-mini', 'llama-mini'], testSize: 64 },
    ]);
  });

  test('makes a request for each learning rate and epsilon', () => {
    const [rates, epsilons] = [
      [1e-4, 1e-3],
      [0.01, 0.1],
    ];
    const text = 'learning-rate: [1e-4, 1e-3]\nepsilon: [0.01, 0.1]\nseeds: 2\n';
    const all = rates.flatMap((learningRate) => epsilons.map((epsilon) => ({ learningRate, epsilon, seeds: 2 })));
    expect(requests(text)).toEqual(all);
  });

  test('has runs that take what stands above them, and replace it', () => {
    const text =
      'steps: 10\nscheme: full\nruns:\n  - optimizer: zo-sgd\n    learning-rate: [1, 2]\n  - optimizer: fo-sgd\n    scheme: lora\n';
    expect(requests(text)).toEqual([
      { steps: 10, scheme: ['full'], optimizer: ['zo-sgd'], learningRate: 1 },
      { steps: 10, scheme: ['full'], optimizer: ['zo-sgd'], learningRate: 2 },
      { steps: 10, scheme: ['lora'], optimizer: ['fo-sgd'] },
    ]);
  });

  test('may be JSON, and name the schema that its editor checks it by', () => {
    expect(requests('{ "$schema": "./grid.schema.json", "seeds": 3 }')).toEqual([{ seeds: 3 }]);
  });

  test.each([
    ['a word that is no option', 'steps: 10\noptimiser: zo-sgd\n', ':2: unknown option optimiser: did you mean optimizer?'],
    ['one within a run', 'runs:\n  - seeds: 1\n    step: 1\n', ':3: unknown option step: did you mean steps?'],
    ['an option of the call', 'out: results/x\n', ':1: unknown option out'],
    ['a wrong value', 'seeds: 1\nruns:\n  - steps: -1\n', ':3: runs.0.steps: a whole number of at least 1 is needed'],
    ['a wrong value in a list', 'learning-rate: [1e-3, -1]\n', ':1: learning-rate.1: a number above 0 is needed'],
    ['a list where one is taken', 'seeds: [1, 2]\n', ':1: seeds: a whole number of at least 1 is needed'],
    ['no names', 'optimizer: []\n', ':1: optimizer: a list of names is needed, or names separated by commas'],
    ['a list as the whole', '- seeds: 1\n', ':1: the file: options by name are needed, such as `seeds: 3`'],
    ['nothing', '', ':1: the file: options by name are needed, such as `seeds: 3`'],
    ['no YAML', 'seeds: 1\n  steps: [\n', /:\d+: /],
    ['a name twice', 'seeds: 1\nseeds: 2\n', ':2: Map keys must be unique'],
    ['more references than anyone writes', aliasBomb(), /: /],
  ])('with %s is refused in a line with the place', (_, text, complaint) => {
    const refuse = (): unknown => requests(text);
    expect(refuse).toThrow(complaint instanceof RegExp ? complaint : path.join(folder, 'mine.yaml') + complaint);
    expect(refuse).toThrow(/^[^\n]{1,300}$/);
  });
});

function aliasBomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level++)
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    );
  return lines.join('\n');
}

describe('the JSON Schema in docs', () => {
  test('is what the options come to today: npm run grid-schema', () => {
    expect(readFileSync('docs/grid.schema.json', 'utf8')).toBe(gridSchemaText());
  });

  test('names every field of a file, with its description', () => {
    const { properties } = gridFileJsonSchema() as { properties: Record<string, { description?: string }> };
    expect(Object.keys(properties)).toEqual(Object.keys(gridFileSchema.shape));
    const undescribed = Object.entries(properties).filter(([name, { description }]) => name !== '$schema' && !description);
    expect(undescribed).toEqual([]);
  });
});
