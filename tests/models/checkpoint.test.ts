import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { InputError } from '../../engine/errors.js';
import { openCheckpoint } from '../../models/index.js';
import { writeSafetensors } from '../../models/safetensors.js';
import { valuesOf } from '../support/tensor-values.js';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'zobench-checkpoint-'));
afterAll(() => fs.rmSync(root, { recursive: true }));

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(root, 'model-'));
  write('config.json', { model_type: 'opt', hidden_size: 2 });
});

const inFolder = (name: string) => path.join(folder, name);

function write(name: string, content: object | string): void {
  fs.writeFileSync(inFolder(name), typeof content === 'string' ? content : JSON.stringify(content));
}

function writeWeights(file: string, tensors: Record<string, number[]>): void {
  const list = Object.entries(tensors).map(([name, values]) => ({ name, shape: [values.length], data: Float32Array.from(values) }));
  writeSafetensors(inFolder(file), list, 'F32');
}

function read(name: string, length: number): number[] {
  return [...valuesOf(openCheckpoint(folder).source(name, [length]), length)];
}

function expectRefusal(act: () => unknown, message: string): void {
  expect(act).toThrow(new InputError(message));
  expect(message).not.toContain('\n');
}

describe('a checkpoint in one file', () => {
  beforeEach(() => writeWeights('model.safetensors', { 'layer.weight': [1, 2], 'layer.bias': [3] }));

  it('gives its configuration, its tensors and their values', () => {
    const checkpoint = openCheckpoint(folder);
    expect(checkpoint.config).toEqual({ model_type: 'opt', hidden_size: 2 });
    expect([...checkpoint.tensors.keys()].sort()).toEqual(['layer.bias', 'layer.weight']);
    expect(read('layer.weight', 2)).toEqual([1, 2]);
  });

  it('gives a parameter under another name where its own is not there', () => {
    const checkpoint = openCheckpoint(folder);
    expect([...valuesOf(checkpoint.source('bias', [1], ['gone', 'layer.bias']), 1)]).toEqual([3]);
    expect([...valuesOf(checkpoint.source('layer.bias', [1], ['layer.weight']), 1)]).toEqual([3]);
  });

  it('hashes to what sha256sum prints for the file', () => {
    const expected = createHash('sha256')
      .update(fs.readFileSync(inFolder('model.safetensors')))
      .digest('hex');
    expect(openCheckpoint(folder).sha256()).toBe(expected);
  });

  it('names the nearest tensor where one is missing', () => {
    expectRefusal(
      () => read('layers.weight', 2),
      `tensor layers.weight is not in ${inFolder('model.safetensors')}; the nearest name is layer.weight`,
    );
  });

  it.each([
    [[2, 1], '[2, 1]'],
    [[3], '[3]'],
    [[], '[]'],
  ])('says which shape it has and which the model needs: %j', (shape, needed) => {
    expectRefusal(
      () => openCheckpoint(folder).source('layer.weight', shape),
      `tensor layer.weight in ${inFolder('model.safetensors')} has shape [2], the model needs ${needed}`,
    );
  });
});

describe('a checkpoint in shards', () => {
  const index = (weightMap: object) => write('model.safetensors.index.json', { metadata: {}, weight_map: weightMap });

  beforeEach(() => {
    writeWeights('model-1.safetensors', { a: [1, 2], unlisted: [9] });
    writeWeights('model-2.safetensors', { b: [3] });
    index({ a: 'model-1.safetensors', b: 'model-2.safetensors' });
  });

  it('finds each tensor in its shard', () => {
    expect([read('a', 2), read('b', 1)]).toEqual([[1, 2], [3]]);
    expect(() => openCheckpoint(folder).source('unlisted', [1])).toThrow('tensor unlisted is not in');
  });

  it('hashes over all shards in the order of their names', () => {
    const hash = createHash('sha256');
    for (const shard of ['model-1.safetensors', 'model-2.safetensors']) hash.update(fs.readFileSync(inFolder(shard)));
    expect(openCheckpoint(folder).sha256()).toBe(hash.digest('hex'));
  });

  it.each(['../model-1.safetensors', '/etc/passwd', '..', 'sub/../../x.safetensors', '..\\x.safetensors', 'model.bin'])(
    'does not follow the index to %s',
    (shard) => {
      index({ a: shard });
      expectRefusal(
        () => openCheckpoint(folder),
        `${inFolder('model.safetensors.index.json')}: weight_map names ${shard}; only .safetensors files in the same folder are allowed`,
      );
    },
  );

  it('names a shard that is missing, once a tensor of it is wanted', () => {
    index({ a: 'model-3.safetensors', b: 'model-2.safetensors' });
    expect(read('b', 1)).toEqual([3]);
    expectRefusal(
      () => read('a', 2),
      `${inFolder('model.safetensors.index.json')} names model-3.safetensors, which is not in the folder; fetch it again`,
    );
  });

  it('names a tensor that its shard lacks, once it is wanted', () => {
    index({ a: 'model-1.safetensors', b: 'model-1.safetensors' });
    expect(read('a', 2)).toEqual([1, 2]);
    expectRefusal(
      () => read('b', 1),
      `${inFolder('model.safetensors.index.json')} puts tensor b into model-1.safetensors, which does not have it`,
    );
  });

  it('says the same where every shard is missing', () => {
    index({ a: 'x.safetensors' });
    expectRefusal(
      () => read('a', 2),
      `${inFolder('model.safetensors.index.json')} names x.safetensors, which is not in the folder; fetch it again`,
    );
  });

  it('does not know a tensor that the index has no entry for', () => {
    expectRefusal(() => read('c', 2), `tensor c is not in ${inFolder('model.safetensors.index.json')}; the nearest name is a`);
  });

  it('is read with a byte order mark in index and configuration', () => {
    write('config.json', '\uFEFF{"model_type": "opt"}');
    write('model.safetensors.index.json', '\uFEFF{"weight_map": {"a": "model-1.safetensors"}}');
    expect(read('a', 2)).toEqual([1, 2]);
    expect(openCheckpoint(folder).config).toEqual({ model_type: 'opt' });
  });

  it('refuses an index without file names', () => {
    index({ a: 1 });
    expectRefusal(
      () => openCheckpoint(folder),
      `${inFolder('model.safetensors.index.json')}: weight_map must map tensor names to file names`,
    );
  });
});

describe('a folder that is no checkpoint', () => {
  it('is named where it does not exist', () => {
    expectRefusal(() => openCheckpoint(inFolder('nowhere')), `there is no model folder ${inFolder('nowhere')}`);
  });

  it('needs a config.json', () => {
    fs.rmSync(inFolder('config.json'));
    expectRefusal(() => openCheckpoint(folder), `${inFolder('config.json')} does not exist`);
  });

  it.each(['[1]', 'null', '3'])('refuses the config.json %s', (content) => {
    write('config.json', content);
    expectRefusal(() => openCheckpoint(folder), `${inFolder('config.json')} is not a JSON object`);
  });

  it('says in one line where config.json is not JSON', () => {
    write('config.json', '{\n"a": x\n}');
    expect(() => openCheckpoint(folder)).toThrow(/config\.json is not a JSON object \([^\n]*Unexpected token[^\n]*\)$/);
  });

  it('needs weights', () => {
    expectRefusal(() => openCheckpoint(folder), `${folder} has no weights: neither model.safetensors nor model.safetensors.index.json`);
  });

  it.each(['pytorch_model.bin', 'pytorch_model.bin.index.json'])('says how to convert %s', (name) => {
    write(name, '');
    expect(() => openCheckpoint(folder)).toThrow(
      `has its weights in ${name} only; convert them to safetensors: python -c "from transformers`,
    );
  });
});
