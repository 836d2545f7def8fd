import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { cpuBackend, projectFolder } from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { readSafetensorsHeader } from '../../models/safetensors.js';
import { exported, folderOf, PEFT_CASES } from '../../scripts/peft-exports.js';
import { BruteForce } from '../support/brute-force.js';
import { valuesOfTensor } from '../support/tensor-values.js';

// Trained models as PEFT has them from what we export: its logits, which scripts/peft-reference.py wrote down.

interface Answer {
  readonly config: object;
  /** [tokens][width] */
  readonly prompt?: readonly (readonly number[])[];
  readonly logits: readonly (readonly number[])[];
}

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/peft.json'), 'utf8')) as Readonly<Record<string, Answer>> & {
  readonly text: readonly number[];
};
const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** Of logits near 1 in float32. */
const CLOSE = 1e-5;

async function logitsOf(model: LanguageModel): Promise<number[][]> {
  const before = model.architecture.virtualTokens;
  const logits = await new BruteForce(cpuBackend(1), model).logits([...before, ...recorded.text]);
  return logits.slice(before.length);
}

function furthest(made: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): number {
  expect(made.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
  return Math.max(...made.flatMap((row, i) => row.map((value, j) => Math.abs(value - (wanted[i]?.[j] ?? NaN)))));
}

describe.each(PEFT_CASES)('$scheme on $model', (each) => {
  const name = folderOf(each);
  const answer = recorded[name] ?? { config: {}, logits: [] };

  test('says in PEFT what it says here, from the file that is written', async () => {
    const model = await exported(each, join(folder, name));
    expect(furthest(await logitsOf(model), answer.logits)).toBeLessThan(CLOSE);
    const config = JSON.parse(readFileSync(join(folder, name, 'adapter_config.json'), 'utf8')) as object;
    expect(config).toEqual({ ...answer.config, base_model_name_or_path: expect.stringContaining(each.model) });
    const tensor = readSafetensorsHeader(join(folder, name, 'adapter_model.safetensors')).find((info) => info.name === 'prompt_embeddings');
    expect(tensor?.shape).toEqual(answer.prompt && [answer.prompt.length, answer.prompt[0]?.length]);
    if (tensor) expect(furthest([[...valuesOfTensor(tensor)]], [answer.prompt?.flat() ?? []])).toBeLessThan(CLOSE);
  });
});

const python = process.env.PEFT_PYTHON ?? 'python3';
const hasPeft = spawnSync(python, ['-c', 'import peft, transformers, torch']).status === 0;
const live = hasPeft ? test : test.skip;

live(
  "PEFT itself, where it is installed (PEFT_PYTHON names its Python), says the same of today's files",
  () => {
    const script = join(projectFolder, 'scripts/peft-reference.py');
    const said = JSON.parse(
      execFileSync(python, [script, folder], { encoding: 'utf8', env: { ...process.env, HF_HUB_OFFLINE: '1' } }),
    ) as typeof recorded;
    for (const each of PEFT_CASES) {
      const name = folderOf(each);
      expect(furthest(said[name]?.logits ?? [], recorded[name]?.logits ?? [])).toBeLessThan(CLOSE);
    }
  },
  120_000,
);
