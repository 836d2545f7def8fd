import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadModel, loadTokenizer, openCheckpoint, unadapted } from '../../../models/index.js';
import { readSafetensorsHeader } from '../../../models/safetensors.js';
import { resolveOptimizer } from '../../../optimizers/index.js';
import { type CellSettings } from '../../../records/record.js';
import { valuesOfTensor } from '../../support/tensor-values.js';

import { folder, checkpoint, OWN, OWN_WITH_OPTIONS, logged, loggedSteps, replay, trainedFor, base64, bytes } from './logged-cell.js';

describe('a replayed log', () => {
  test.each([
    { optimizer: 'zo-sgd' },
    { optimizer: 'zo-sgd:q=2:noise=rademacher', schedule: 'linear', weightDecay: 0.01 },
    { optimizer: 'zo-adam', learningRate: 1e-2 },
    { optimizer: 'zo-sgd-mmt', learningRate: 3e-3, accumulate: 3 },
    { optimizer: 'zo-sgd-cons' },
    { optimizer: 'forward-grad' },
    { optimizer: 'zo-sgd', objective: 'accuracy', epsilon: 0.1 },
    { optimizer: 'own', learningRate: 3e-2 },
  ] satisfies Partial<CellSettings>[])('of %j gives a model folder with the trained parameters, bit for bit', async (changes) => {
    const own = join(folder, 'mine.mjs');
    writeFileSync(own, OWN);
    const { log, file } = await loggedSteps({ ...changes, ...(changes.optimizer === 'own' && { optimizer: own }) });
    const out = join(folder, 'replayed', log.cell);
    const { code, stdout, stderr } = await replay(file, '--out', out, ...(changes.optimizer === 'own' ? ['--optimizer', own] : []));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${log.step} steps replayed on ${checkpoint}, every parameter as it was, bit for bit: ${out}\n`);
    const [wanted, made] = [await trainedFor(log.settings, log.step), await loadModel(openCheckpoint(out), unadapted)];
    for (const { name } of wanted.parameters.all) expect(bytes(made, name)).toEqual(bytes(wanted, name));
    expect(loadTokenizer(out).encode('a fine film')).toEqual(loadTokenizer(checkpoint).encode('a fine film'));
  });

  test('of an own optimizer with options takes these from the log, under its declared id, wherever the file is now', async () => {
    const [own, moved] = [join(folder, 'with-options.mjs'), join(folder, 'moved.mjs')];
    for (const file of [own, moved]) writeFileSync(file, OWN_WITH_OPTIONS);
    const { log } = await loggedSteps({ optimizer: `${own}:times=2`, learningRate: 1.5e-2 });
    const { id } = await resolveOptimizer(`${own}:times=2`);
    const named = { ...log, settings: { ...log.settings, optimizer: id }, places: { optimizer: './gone/with-options.mjs:times=2' } };
    const file = join(folder, 'named.json');
    writeFileSync(file, JSON.stringify(named));
    expect((await replay(file, '--out', join(folder, 'none'))).stderr).toMatch(/--optimizer \.\/gone\/with-options\.mjs:times=2\n$/);
    const other = await replay(file, '--out', join(folder, 'none'), '--optimizer', `${moved}:times=3`);
    expect(other.stderr).toMatch(/moved\.mjs:times=3 is mine:times=3, the run was made with mine:times=2\n$/);
    for (const given of [moved, `${moved}:times=2`]) {
      const out = join(folder, given === moved ? 'log-options' : 'same-options');
      expect(await replay(file, '--out', out, '--optimizer', given)).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('of LoRA gives a PEFT adapter, by default beside the log; trained on, that gives a whole model', async () => {
    const { log, file } = await loggedSteps({ scheme: 'lora', learningRate: 0.3 });
    expect((await replay(file)).code).toBe(0);
    const out = file.replace('.json', '');
    const config: unknown = JSON.parse(readFileSync(join(out, 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({ peft_type: 'LORA', base_model_name_or_path: checkpoint, target_modules: ['q_proj', 'v_proj'] });
    const wanted = await trainedFor(log.settings, log.step);
    const named = wanted.parameters.trainable.map((parameter) => [`base_model.model.${parameter.name}`, bytes(wanted, parameter.name)]);
    expect(storedIn(join(out, 'adapter_model.safetensors'))).toEqual(named.sort());

    const further = await loggedSteps({ model: out });
    const whole = join(folder, 'on the adapter');
    expect((await replay(further.file, '--out', whole)).code).toBe(0);
    const [made, trained] = [await loadModel(openCheckpoint(whole), unadapted), await trainedFor(further.log.settings, further.log.step)];
    for (const { name } of trained.parameters.all) expect(bytes(made, name)).toEqual(bytes(trained, name));
    expect(loadTokenizer(whole).encode('a fine film')).toEqual(loadTokenizer(checkpoint).encode('a fine film'));
  });

  test.each([
    { scheme: 'prefix', where: 'model.safetensors', called: (name: string) => name },
    { scheme: 'prompt', where: 'adapter_model.safetensors', called: () => 'prompt_embeddings' },
  ])('of $scheme gives the added parameters alone, which began with what the model computes', async ({ scheme, where, called }) => {
    const { log, file } = await loggedSteps({ scheme, learningRate: 1, threads: 2 });
    const out = join(folder, scheme);
    expect((await replay(file, '--out', out)).code).toBe(0);
    const wanted = await trainedFor(log.settings, log.step);
    const named = wanted.parameters.trainable.map(({ name }) => [called(name), bytes(wanted, name)]);
    expect(storedIn(join(out, where))).toEqual(named.sort());
    expect(existsSync(join(out, 'config.json'))).toBe(false);
  });

  test('of steps that were never better than none gives the base checkpoint', async () => {
    const { log, file } = await logged({ learningRate: 1e-12 });
    expect(log).toMatchObject({ step: 0, scalars: { count: 0 } });
    const out = join(folder, 'base');
    expect((await replay(file, '--out', out)).code).toBe(0);
    expect(readFileSync(join(out, 'model.safetensors')).length).toBeGreaterThan(1000);
    const [made, start] = await Promise.all([out, checkpoint].map((where) => loadModel(openCheckpoint(where), unadapted)));
    for (const { name } of start?.parameters.all ?? []) expect(made && bytes(made, name)).toEqual(start && bytes(start, name));
  });

  test('says what nobody knows of the configuration', async () => {
    const odd = join(folder, 'odd');
    cpSync(checkpoint, odd, { recursive: true });
    const config = JSON.parse(readFileSync(join(odd, 'config.json'), 'utf8')) as object;
    writeFileSync(join(odd, 'config.json'), JSON.stringify({ ...config, surprise: 7 }));
    const { file } = await logged({ model: odd, learningRate: 1e-12 });
    const { code, stderr } = await replay(file, '--out', join(folder, 'odd-replayed'));
    expect([code, stderr]).toEqual([0, `warning: ${join(odd, 'config.json')}: surprise: 7 is not known here and was not regarded\n`]);
  });

  test('is small: four bytes for each loss, and little besides', async () => {
    const { log, file } = await loggedSteps({});
    expect(log.scalars).toMatchObject({ type: 'float32', count: 2 * log.step });
    expect(readFileSync(file).length).toBeLessThan(1500 + (4 / 3) * 4 * log.scalars.count);
  });

  test('finds a checkpoint that has moved where --model says; of a run on two threads it is the same', async () => {
    const { log, file } = await logged({ threads: 2 });
    const moved = join(folder, 'moved');
    cpSync(checkpoint, moved, { recursive: true });
    writeFileSync(file, JSON.stringify({ ...log, settings: { ...log.settings, model: join(folder, 'gone') } }));
    expect((await replay(file)).stderr).toMatch(/^zobench: there is no model folder [^\n]*gone\n$/);
    expect((await replay(file, '--model', moved)).code).toBe(0);
  });
});

/** The tensors of a file by name, each with its values. */
const storedIn = (file: string): string[][] =>
  readSafetensorsHeader(file)
    .map((info) => [info.name, base64(valuesOfTensor(info))])
    .sort();

test('--help shows what there is', async () => {
  const { code, stdout } = await replay('--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/--out[^]*--model/);
});
