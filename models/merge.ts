import { createHash } from 'node:crypto';
import { InputError, WasmHeap, type ElementRange, type Heap, type Pointer } from '../engine/index.js';
import { ADAPTER_CONFIG, isTarget, type Adapter, type Factors } from './adapter.js';
import { hashFiles, type Checkpoint } from './checkpoint.js';
import { architectureOf, parametersOf } from './model.js';
import { changedTensor, readableType, readElements, whole } from './read-tensors.js';
import { elementCount, type TensorInfo } from './safetensors.js';

/** Elements of a product that are made at once: they are added while they are in a processor's second cache. */
const PRODUCT_AT_ONCE = 1 << 15;

/**
 * A checkpoint with an adapter in it: W + scale B A in the place of W, whether weights are loaded or streamed.
 * @throws InputError where the adapter is not one of this model.
 */
export function mergeAdapter(base: Checkpoint, adapter: Adapter): Checkpoint {
  const factors = fitAdapter(adapter, base);
  const product = new Product(adapter);
  return {
    ...base,
    folder: adapter.folder,
    source(parameter, shape, alternatives) {
      const stored = base.source(parameter, shape, alternatives);
      const its = factors.get(parameter);
      if (!its) return stored;
      return changedTensor(stored, (ranges, heap, out) => {
        product.add(its, ranges, (at, count) => heap.floats(out + 4 * at, count));
      });
    },
    sha256() {
      const files = hashFiles([adapter.configFile, adapter.weightsFile]);
      return createHash('sha256').update(files).update(base.sha256()).digest('hex');
    },
  };
}

/**
 * The factors of an adapter by the parameter of the base that they change.
 * @throws InputError where there is none, a layer lacks its own, or a shape is not what it needs.
 */
export function fitAdapter(adapter: Adapter, { config, configFile }: Pick<Checkpoint, 'config' | 'configFile'>): Map<string, Factors> {
  const architecture = architectureOf(config, configFile);
  const left = new Map(adapter.factors);
  const fitted = new Map<string, Factors>();
  for (const [parameter, { shape }] of parametersOf(architecture)) {
    const names = layerNames(parameter, architecture.alternatives(parameter));
    const layer = names.find((name) => left.has(name));
    const factors = layer === undefined ? undefined : left.get(layer);
    if (layer !== undefined && factors) {
      checkFactors(adapter, layer, factors, shape);
      fitted.set(parameter, factors);
      left.delete(layer);
    } else if (adapter.isEverywhere && names.some((name) => isTarget(adapter, name))) {
      throw new InputError(`${adapter.weightsFile} has nothing for ${names[0] ?? ''}, which ${ADAPTER_CONFIG} names in target_modules`);
    }
  }
  for (const layer of left.keys())
    throw new InputError(`${adapter.weightsFile}: ${layer} is no layer with weights of its own by ${configFile}`);
  return fitted;
}

/** What a layer may be called that has this weight. A tied head is none, although checkpoints may have the embedding by its name. */
function layerNames(parameter: string, alternatives: readonly string[]): string[] {
  const suffix = '.weight';
  const names = [parameter, ...alternatives].filter((name) => parameter.endsWith(name) && name.endsWith(suffix));
  return names.map((name) => name.slice(0, -suffix.length));
}

function checkFactors(adapter: Adapter, layer: string, { a, b }: Factors, shape: readonly number[]): void {
  const { configFile, weightsFile, rank, targets } = adapter;
  if (targets.length > 0 && !isTarget(adapter, layer))
    throw new InputError(`${weightsFile} has factors of ${layer}, which target_modules in ${configFile} does not name`);
  const [outputs, inputs] = shape.length === 2 ? shape : [];
  checkShape(a, [rank, inputs]);
  checkShape(b, [outputs, rank]);
  readableType(a);
  readableType(b);
}

function checkShape({ file, name, shape }: TensorInfo, needed: readonly (number | undefined)[]): void {
  if (shape.length === needed.length && shape.every((extent, axis) => extent === needed[axis])) return;
  throw new InputError(`tensor ${name} in ${file} has shape [${shape.join(', ')}], the base and r need [${needed.join(', ')}]`);
}

/** Makes scale B A, in a heap of its own, since the one that parameters lie in must not grow meanwhile. */
class Product {
  #scratch: { readonly heap: Heap; readonly a: Pointer; readonly b: Pointer; readonly product: Pointer } | undefined;

  constructor(readonly adapter: Adapter) {}

  /** Adds the elements of the ranges, one range after another, to what `target` gives from the `at`-th of them on. */
  add({ a, b }: Factors, ranges: readonly ElementRange[], target: (at: number, count: number) => Float32Array): void {
    this.#scratch ??= this.#allocate();
    const { heap, ...scratch } = this.#scratch;
    readElements(a, whole(a), heap, scratch.a);
    readElements(b, whole(b), heap, scratch.b);
    const [rank = NaN, columns = NaN] = a.shape;
    let at = 0;
    for (const { first, count } of ranges.flatMap(parts)) {
      heap.kernels.lowRank(scratch.product, count, first, columns, rank, scratch.b, scratch.a);
      addScaled(target(at, count), this.adapter.scale, heap.floats(scratch.product, count));
      at += count;
    }
  }

  #allocate() {
    const heap = new WasmHeap();
    const largest = (factor: keyof Factors): number =>
      Math.max(...[...this.adapter.factors.values()].map((factors) => elementCount(factors[factor].shape)));
    const [a, b, product] = [largest('a'), largest('b'), PRODUCT_AT_ONCE].map((count) => heap.allocate(count));
    return { heap, a: a ?? NaN, b: b ?? NaN, product: product ?? NaN };
  }
}

function parts({ first, count }: ElementRange): ElementRange[] {
  return Array.from({ length: Math.ceil(count / PRODUCT_AT_ONCE) }, (_, part) => ({
    first: first + part * PRODUCT_AT_ONCE,
    count: Math.min(PRODUCT_AT_ONCE, count - part * PRODUCT_AT_ONCE),
  }));
}

/** y <- y + scale x */
function addScaled(y: Float32Array, scale: number, x: Float32Array): void {
  for (let i = 0; i < y.length; i++) y[i] = (y[i] ?? NaN) + scale * (x[i] ?? NaN);
}
