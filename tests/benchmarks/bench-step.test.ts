import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { embeddedModelFolder } from '../../models/index.js';
import { writeSparseCheckpoint } from '../support/sparse-checkpoint.js';
import { tinyConfigs } from '../support/tiny-model.js';

const GIB = 2 ** 30;
const folder = mkdtempSync(join(tmpdir(), 'zobench-bench-step-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A checkpoint of 305 million zeros, 1.1 GiB in float32. */
const config = { vocab_size: 2048, hidden_size: 1024, word_embed_proj_dim: 1024, ffn_dim: 4096, num_hidden_layers: 24 };
writeSparseCheckpoint(folder, { ...tinyConfigs.opt, ...config, num_attention_heads: 16, max_position_embeddings: 128 }, 'F16');
for (const file of ['tokenizer.json', 'tokenizer_config.json'])
  copyFileSync(join(embeddedModelFolder('opt-mini'), file), join(folder, file));

/** One step of ZO-SGD with LoRA in a process that gets at most a gibibyte of private memory. */
function limitedStep(...further: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const command = ['--import', 'tsx', 'benchmarks/bench-step.ts', '--model', folder, '--scheme', 'lora', '--batch', '1'];
  const steps = ['--warmup', '0', '--steps', '1', '--json'];
  const shell = [`ulimit -d ${GIB / 1024} && exec "$@"`, 'sh', process.execPath, ...command, ...steps];
  return spawnSync('sh', ['-c', ...shell, ...further], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '--no-warnings' } });
}

// Elsewhere the limit is not on WebAssembly's memory.
const isLinux = process.platform === 'linux';
if (!isLinux) console.warn('skipped: a limit of private memory needs Linux');

(isLinux ? describe : describe.skip)('under ulimit -d', () => {
  test('a model larger than the limit is trained with LoRA, what is frozen being read from disk', () => {
    const { status, stdout, stderr } = limitedStep();
    expect([status, stderr]).toEqual([0, '']);
    const { params, peak_rss_mib: peak } = JSON.parse(stdout) as { params: number; peak_rss_mib: number };
    expect(4 * params).toBeGreaterThan(GIB);
    expect(peak * 2 ** 20).toBeLessThan(GIB / 2);
  });

  test('a model that is to be held and is larger is refused in one line that says the limit', () => {
    const { status, stdout, stderr } = limitedStep('--stream', 'never');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^zo-sgd lora: [^\n]+: the model takes 1\.1 GiB in float32, a run can hold 1\.0 GiB: --stream auto [^\n]+\n$/);
  });
});
