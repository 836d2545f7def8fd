import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { InputError } from '../engine/errors.js';
import { withInput } from '../engine/input-file.js';
import { meantPath } from '../engine/near-path.js';
import { readJsonObject } from './json.js';
import { readableType, storedTensor, type StoredTensor } from './read-tensors.js';
import { quantizedWeights } from './quantized/index.js';
import { readSafetensorsHeader, type TensorInfo } from './safetensors.js';

/** A model's folder in Hugging Face layout: config.json beside safetensors weights, whole or in shards. */
export interface Checkpoint {
  readonly folder: string;
  /** config.json as it is. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Where it is from. */
  readonly configFile: string;
  /** Those that are there. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * The values of a parameter, to be read whole or in parts, from the tensor of its name or else of one of `alternatives`. Nothing is
   * read yet.
   * @throws InputError where it is missing, its shape is not the expected one or its type cannot be read.
   */
  source(parameter: string, shape: readonly number[], alternatives?: readonly string[]): StoredTensor;
  /** Hash over the weight files in the order of their names; of a single file, what sha256sum prints. */
  sha256(): string;
}

/** The names of the weights' file, and of the index where they are in shards. */
export const SINGLE = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';
const HASH_CHUNK_BYTES = 4 << 20;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Reads what a folder with a whole model says about its tensors, not yet the tensors.
 * @throws InputError where the folder, config.json or the weights are missing or broken.
 */
export function openWholeCheckpoint(folder: string): Checkpoint {
  if (!fs.existsSync(folder)) throw new InputError(`there is no model folder ${folder}${meantPath(folder)}`);
  const configFile = path.join(folder, 'config.json');
  const config = readJsonObject(configFile);
  const weights = weightsIn(folder);
  const { tensors, indexed } = weights;
  const quantized = quantizedWeights(folder, config, configFile);
  return {
    folder,
    config,
    configFile,
    tensors,
    source(parameter, shape, alternatives = []) {
      const names = [parameter, ...alternatives];
      for (const each of quantized ? names : []) {
        const values = quantized?.source(each, shape, tensors);
        if (values) return values;
      }
      const name = names.find((each) => tensors.has(each) || indexed.has(each)) ?? parameter;
      return storedTensor(checked(weights, name, shape));
    },
    sha256: () => hashFiles(weightFiles(weights)),
  };
}

interface Weights {
  /** The one file, or the index. */
  readonly file: string;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** By the index, the shard of each tensor; not all need be there, as long as nobody wants them. */
  readonly indexed: ReadonlyMap<string, string>;
}

function weightsIn(folder: string): Weights {
  const file = weightsFile(folder);
  if (path.basename(file) === SINGLE) return { file, tensors: byName(readSafetensorsHeader(file)), indexed: new Map() };
  const indexed = new Map(Object.entries(readWeightMap(file)));
  const shards = new Map(shardNames(file).map((shard) => [shard, openShard(file, shard)]));
  const located = [...indexed].flatMap(([name, shard]) => shards.get(shard)?.get(name) ?? []);
  return { file, tensors: byName(located), indexed };
}

/** The file that a folder's weights begin with: all of them, or their index. @throws InputError where there is none. */
export function weightsFile(folder: string): string {
  const files = [SINGLE, INDEX].map((name) => path.join(folder, name));
  const found = files.find((file) => fs.existsSync(file));
  if (found) return found;
  const pickled = fs.readdirSync(folder).find((name) => name.startsWith('pytorch_model') && name.includes('.bin'));
  if (!pickled) throw new InputError(`${folder} has no weights: neither ${SINGLE} nor ${INDEX}`);
  throw new InputError(
    `${folder} has its weights in ${pickled} only; convert them to safetensors: ` +
      `python -c "from transformers import AutoModelForCausalLM as M; M.from_pretrained('${folder}').save_pretrained('${folder}')"`,
  );
}

function readWeightMap(index: string): Record<string, string> {
  const parsed = indexSchema.safeParse(readJsonObject(index));
  if (!parsed.success) throw new InputError(`${index}: weight_map must map tensor names to file names`);
  return parsed.data.weight_map;
}

/**
 * The files that an index puts tensors into.
 * @throws InputError where one could lie outside the index's folder.
 */
export function shardNames(index: string): string[] {
  const shards = [...new Set(Object.values(readWeightMap(index)))];
  const elsewhere = shards.find((shard) => !/^[^/\\]+\.safetensors$/.test(shard));
  if (elsewhere === undefined) return shards;
  throw new InputError(`${index}: weight_map names ${elsewhere}; only .safetensors files in the same folder are allowed`);
}

function openShard(index: string, shard: string): ReadonlyMap<string, TensorInfo> {
  const file = path.join(path.dirname(index), shard);
  return fs.existsSync(file) ? byName(readSafetensorsHeader(file)) : new Map<string, TensorInfo>();
}

function byName(tensors: readonly TensorInfo[]): Map<string, TensorInfo> {
  return new Map(tensors.map((info) => [info.name, info]));
}

function checked(weights: Weights, name: string, shape: readonly number[]): TensorInfo {
  const info = weights.tensors.get(name);
  if (!info) throw missing(weights, name);
  const same = info.shape.length === shape.length && info.shape.every((extent, axis) => extent === shape[axis]);
  if (!same) {
    const [has, needs] = [info.shape, shape].map((extents) => `[${extents.join(', ')}]`);
    throw new InputError(`tensor ${name} in ${info.file} has shape ${has ?? ''}, the model needs ${needs ?? ''}`);
  }
  readableType(info);
  return info;
}

function missing({ file, tensors, indexed }: Weights, name: string): InputError {
  const shard = indexed.get(name);
  if (shard === undefined) {
    const nearest = tensors.size > 0 ? `; the nearest name is ${closest(name, [...tensors.keys()])}` : '';
    return new InputError(`tensor ${name} is not in ${file}${nearest}`);
  }
  if (fs.existsSync(path.join(path.dirname(file), shard))) {
    return new InputError(`${file} puts tensor ${name} into ${shard}, which does not have it`);
  }
  return new InputError(`${file} names ${shard}, which is not in the folder; fetch it again`);
}

function weightFiles({ file, tensors }: Weights): string[] {
  const files = path.basename(file) === SINGLE ? [file] : [...tensors.values()].map((info) => info.file);
  return [...new Set(files)].sort();
}

/** Over the contents of files, one after another. */
export function hashFiles(files: readonly string[]): string {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(HASH_CHUNK_BYTES);
  for (const file of files) {
    withInput(file, (descriptor) => {
      for (let count = readNext(descriptor, buffer); count > 0; count = readNext(descriptor, buffer)) {
        hash.update(buffer.subarray(0, count));
      }
    });
  }
  return hash.digest('hex');
}

function readNext(descriptor: number, buffer: Buffer): number {
  return fs.readSync(descriptor, buffer, 0, buffer.length, null);
}
