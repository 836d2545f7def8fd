import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, expect, test } from '@jest/globals';
import { runQuantize } from '../../../studies/quantize/index.js';

const root = mkdtempSync(join(tmpdir(), 'zobench-quantize-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Layer {
  readonly weight: string;
  readonly relativeError: number;
  readonly relativeErrorOfNearest: number;
}

test.each(['opt-mini', 'llama-mini', 'mistral-mini', 'vicuna-mini'])(
  "of %s at 4 bits GPTQ's error is at most that of the nearest codes in every layer",
  async (name) => {
    const stdout = new PassThrough({ encoding: 'utf8' });
    const argv = ['--model', name, '--items', '8', '--threads', '1', '--json', '--out', join(root, name)];
    expect(await runQuantize(argv, { stdout, stderr: new PassThrough() })).toBe(0);
    const { layers } = JSON.parse(stdout.read() as string) as { layers: readonly Layer[] };
    expect(layers.length).toBeGreaterThanOrEqual(24);
    for (const { relativeError, relativeErrorOfNearest } of layers) expect(relativeError).toBeLessThanOrEqual(relativeErrorOfNearest);
  },
);
