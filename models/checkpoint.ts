import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { InputError } from '../engine/errors.js';
import { withFile } from './files.js';
import { readableType, readElements, type StoredTensor } from './read-tensors.js';
import { readSafetensorsHeader, type TensorInfo } from './safetensors.js';

/** A model's folder in Hugging Face layout: config.json beside safetensors weights, whole or in shards. */
export interface Checkpoint {
  readonly folder: string;
  /** config.json as it is. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  has(name: string): boolean;
  /**
   * A tensor, to be read whole or in parts. Nothing is read yet.
   * @throws InputError where it is missing, its shape is not the expected one or its type cannot be read.
   */
  source(name: string, shape: readonly number[]): StoredTensor;
  /** Hash over the weight files in the order of their names; of a single file, what sha256sum prints. */
  sha256(): string;
}

/** The names of the weights' file, and of the index where they are in shards. */
export const SINGLE = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';
const HASH_CHUNK_BYTES = 4 << 20;
/** No model's configuration, index or tokenizer comes near it. */
const JSON_LIMIT_BYTES = 100_000_000;

const objectSchema = z.record(z.string(), z.unknown());
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Reads what the folder says about its tensors, not yet the tensors.
 * @throws InputError where the folder, config.json or the weights are missing or broken.
 */
export function openCheckpoint(folder: string): Checkpoint {
  if (!fs.existsSync(folder)) throw new InputError(`there is no model folder ${folder}`);
  const config = readJsonObject(path.join(folder, 'config.json'));
  const weights = weightsFile(folder);
  const tensors = path.basename(weights) === INDEX ? indexedTensors(weights) : byName(readSafetensorsHeader(weights));
  return {
    folder,
    config,
    tensors,
    has: (name) => tensors.has(name),
    source(name, shape) {
      const info = checked(tensors, weights, name, shape);
      return { info, read: (spans, heap, out) => readElements(info, spans, heap, out) };
    },
    sha256: () => hashFiles(shardFiles(tensors, weights)),
  };
}

/**
 * Parses a file that holds one JSON object.
 * @throws InputError naming the file.
 */
export function readJsonObject(file: string): Record<string, unknown> {
  if (!fs.existsSync(file)) throw new InputError(`${file} does not exist`);
  const bytes = fs.statSync(file).size;
  if (bytes > JSON_LIMIT_BYTES) throw new InputError(`${file} has ${bytes} bytes, at most 100 MB are allowed`);
  try {
    return objectSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof SyntaxError ? ` (${error.message.replace(/\s+/g, ' ')})` : '';
    throw new InputError(`${file} is not a JSON object${reason}`);
  }
}

function weightsFile(folder: string): string {
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

function indexedTensors(index: string): Map<string, TensorInfo> {
  const weightMap = readWeightMap(index);
  const shards = new Map(shardNames(index).map((shard) => [shard, openShard(index, shard)]));
  const located = Object.entries(weightMap).map(([name, shard]): [string, TensorInfo] => {
    const info = shards.get(shard)?.get(name);
    if (!info) throw new InputError(`${index} puts tensor ${name} into ${shard}, which does not have it`);
    return [name, info];
  });
  return new Map(located);
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
  if (!fs.existsSync(file)) throw new InputError(`${index} names ${shard}, which is not in the folder; fetch it again`);
  return byName(readSafetensorsHeader(file));
}

function byName(tensors: readonly TensorInfo[]): Map<string, TensorInfo> {
  return new Map(tensors.map((info) => [info.name, info]));
}

function checked(tensors: ReadonlyMap<string, TensorInfo>, weights: string, name: string, shape: readonly number[]): TensorInfo {
  const info = tensors.get(name);
  if (!info) {
    const nearest = tensors.size > 0 ? `; the nearest name is ${closest(name, [...tensors.keys()])}` : '';
    throw new InputError(`tensor ${name} is not in ${weights}${nearest}`);
  }
  const same = info.shape.length === shape.length && info.shape.every((extent, axis) => extent === shape[axis]);
  if (!same) {
    const [has, needs] = [info.shape, shape].map((extents) => `[${extents.join(', ')}]`);
    throw new InputError(`tensor ${name} in ${info.file} has shape ${has ?? ''}, the model needs ${needs ?? ''}`);
  }
  readableType(info);
  return info;
}

function shardFiles(tensors: ReadonlyMap<string, TensorInfo>, weights: string): string[] {
  const files = path.basename(weights) === SINGLE ? [weights] : [...tensors.values()].map(({ file }) => file);
  return [...new Set(files)].sort();
}

function hashFiles(files: readonly string[]): string {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(HASH_CHUNK_BYTES);
  for (const file of files) {
    withFile(file, (descriptor) => {
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
