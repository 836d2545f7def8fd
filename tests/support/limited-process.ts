import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledModelFolder } from '../../models/index.js';
import { writeSparseCheckpoint } from './sparse-checkpoint.js';
import { tinyConfigs } from './tiny-model.js';

/** Bytes of private memory that {@link underLimit} leaves a process. */
export const LIMIT = 2 ** 30;

/** Elsewhere the limit is not on WebAssembly's memory. */
export const hasLimits = process.platform === 'linux';
if (!hasLimits) console.warn('skipped: a limit of private memory needs Linux');

/** A folder with a checkpoint of zeros, width 1,024, and opt-mini's tokenizer: 12.6 million parameters a layer, and 1,024 a token. */
export function wideModelFolder(layers: number, vocabulary = 2048): string {
  const folder = mkdtempSync(join(tmpdir(), 'zobench-wide-'));
  const config = { vocab_size: vocabulary, hidden_size: 1024, word_embed_proj_dim: 1024, ffn_dim: 4096, num_hidden_layers: layers };
  writeSparseCheckpoint(folder, { ...tinyConfigs.opt, ...config, num_attention_heads: 16, max_position_embeddings: 128 }, 'F16');
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(join(bundledModelFolder('opt-mini'), file), join(folder, file));
  return folder;
}

/** A program of the project in a process that gets no more private memory than {@link LIMIT}; its processes get none either. */
export function underLimit(program: string, ...argv: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const command = [`ulimit -d ${LIMIT / 1024} && exec "$@"`, 'sh', process.execPath, '--import', 'tsx', program, ...argv];
  return spawnSync('sh', ['-c', ...command], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '--no-warnings' } });
}
