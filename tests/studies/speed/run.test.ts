import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hasLimits, LIMIT, underLimit, wideModelFolder } from '../../support/limited-process.js';

const folder = wideModelFolder(24); // 1.1 GiB in float32
afterAll(() => rmSync(folder, { recursive: true }));

/** One step of ZO-SGD with LoRA. */
const limitedStep = (...further: readonly string[]): ReturnType<typeof underLimit> => {
  const step = ['--scheme', 'lora', '--batch', '1', '--warmup', '0', '--steps', '1', '--json'];
  return underLimit('commands/zobench.ts', 'speed', '--model', folder, ...step, ...further);
};

(hasLimits ? describe : describe.skip)('under ulimit -d', () => {
  test('a model larger than the limit is trained with LoRA, what is frozen being read from disk', () => {
    const { status, stdout, stderr } = limitedStep();
    expect([status, stderr]).toEqual([0, '']);
    const { params, peak_rss_mib: peak } = JSON.parse(stdout) as { params: number; peak_rss_mib: number };
    expect(4 * params).toBeGreaterThan(LIMIT);
    expect(peak * 2 ** 20).toBeLessThan(LIMIT / 2);
  });

  test('a model that is to be held and is larger is refused in one line that says the limit', () => {
    const { status, stdout, stderr } = limitedStep('--stream', 'never');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^zo-sgd lora: [^\n]+: the model takes 1\.1 GiB in float32, a run can hold 1\.0 GiB: --stream auto [^\n]+\n$/);
  });
});
