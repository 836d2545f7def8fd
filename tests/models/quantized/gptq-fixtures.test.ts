import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { WasmHeap } from '../../../engine/index.js';
import { openCheckpoint, saveModel } from '../../../models/index.js';
import { loadModel, unadapted } from '../../../models/model.js';
import { readSafetensorsHeader } from '../../../models/safetensors.js';
import { valuesOf, valuesOfTensor } from '../../support/tensor-values.js';

// Checkpoints that gptqmodel wrote, and the weights that it reads out of them: scripts/quantized-fixtures.py.

const root = new URL('../fixtures/quantized', import.meta.url).pathname;
const folders = readdirSync(root).filter((name) => existsSync(join(root, name, 'config.json')));

test('a model that was read is saved as numbers, and says so', async () => {
  const [checkpoint, saved] = [openCheckpoint(join(root, 'v1-symmetric')), mkdtempSync(join(tmpdir(), 'zobench-saved-'))];
  const model = await loadModel(checkpoint, unadapted);
  saveModel(saved, model, checkpoint, unadapted);
  const again = openCheckpoint(saved);
  expect(again.config).not.toHaveProperty('quantization_config');
  const { parameters } = await loadModel(again, unadapted);
  for (const parameter of parameters.all) {
    expect(parameters.values(parameter)).toEqual(model.parameters.values(model.parameters.get(parameter.name)));
  }
  rmSync(saved, { recursive: true });
});

describe.each(folders)('%s', (name) => {
  const folder = join(root, name);

  test("every weight is gptqmodel's own to 1e-6", async () => {
    const { parameters } = await loadModel(openCheckpoint(folder), unadapted);
    const expected = readSafetensorsHeader(join(folder, 'expected.safetensors'));
    expect(expected).toHaveLength(7);
    for (const info of expected) {
      const values = parameters.values(parameters.get(info.name));
      const worst = valuesOfTensor(info).reduce((most, value, index) => Math.max(most, Math.abs(value - (values[index] ?? NaN))), 0);
      expect(worst).toBeLessThan(1e-6);
    }
  });

  test('a weight is read in parts as it is whole', () => {
    const checkpoint = openCheckpoint(folder);
    const parameter = 'model.layers.0.mlp.up_proj.weight';
    const source = checkpoint.source(parameter, [64, 64]);
    const heap = new WasmHeap();
    const out = heap.allocate(100);
    const parts = [
      { first: 10, count: 40 },
      { first: 1000, count: 60 },
    ];
    source.read(parts, heap, out);
    const all = valuesOf(source, 64 * 64);
    expect(heap.floats(out, 100)).toEqual(Float32Array.from([...all.subarray(10, 50), ...all.subarray(1000, 1060)]));
  });
});
