import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import type { Graph, Node, Real, Value } from '../../graph/graph.js';
import type { Backend, Session, Tensor, Tensors } from '../session.js';
import type { TfjsBinding } from '../backend-names.js';
import { loadTfjs, type LoadedTfjs } from './bindings.js';
import { isIntegers, tfjsOperators, type DeviceValue } from './operators.js';

/**
 * TensorFlow.js: each node of a graph is one of its operations. What a graph takes and gives crosses to and from the device in each run.
 * @throws InputError where no binding, or not the wanted one, is installed
 */
export async function tfjsBackend(wanted?: TfjsBinding): Promise<Backend> {
  const loaded = await loadTfjs(wanted);
  return {
    name: `tfjs-${loaded.binding}`,
    version: loaded.version,
    threads: 1,
    allocate: (count) => new Float32Array(count),
    compile: (graph: Graph, real: Real = 'float32') => {
      if (real !== 'float32') throw new Error('TensorFlow.js computes in float32 alone');
      return Promise.resolve(new TfjsSession(loaded, graph));
    },
  };
}

class TfjsSession implements Session {
  readonly #constants: ReadonlyMap<Value, DeviceValue>;
  /** Of each node, the values that no later one reads. */
  readonly #lastReads: readonly (readonly Value[])[];

  constructor(
    readonly loaded: LoadedTfjs,
    readonly graph: Graph,
  ) {
    const { tf } = loaded;
    for (const { op } of graph.nodes) if (!(op in tfjsOperators)) throw new Error(`TensorFlow.js here has no operator ${op}`);
    this.#constants = new Map(
      graph.constants.map(({ value, data }) => {
        const dims = value.shape.map(Number);
        return [value, value.dtype === 'real' ? tf.tensor([...data], dims, 'float32') : { dims, integers: [...data] }];
      }),
    );
    this.#lastReads = lastReads(graph);
  }

  async run(inputs: Tensors, into: Tensors = {}): Promise<Tensors> {
    const values = new Map<Value, DeviceValue>(this.#constants);
    try {
      for (const value of this.graph.inputs) values.set(value, this.#upload(inputs[value.name], value.name));
      this.graph.nodes.forEach((node, index) => {
        this.#compute(node, values);
        for (const value of this.#lastReads[index] ?? []) dispose(values, value);
      });
      const outputs: [string, Tensor][] = [];
      for (const [name, value] of this.graph.outputs) outputs.push([name, await read(valueOf(values, value), into[name])]);
      return Object.fromEntries(outputs);
    } finally {
      for (const value of values.keys()) if (!this.#constants.has(value)) dispose(values, value);
    }
  }

  release(): Promise<void> {
    for (const value of this.#constants.values()) if (!isIntegers(value)) value.dispose();
    return Promise.resolve();
  }

  #upload(tensor: Tensor | undefined, name: string): DeviceValue {
    if (!tensor) throw new Error(`no input ${name}`);
    const { dims, data } = tensor;
    if (data instanceof BigInt64Array) return { dims, integers: Array.from(data, Number) };
    // A copy: what a session is given may change while the device still reads it.
    return this.loaded.tf.tensor(Float32Array.from(data as Float32Array), [...dims], 'float32');
  }

  #compute(node: Node, values: Map<Value, DeviceValue>): void {
    const { tf } = this.loaded;
    const given = (index: number): DeviceValue => valueOf(values, node.inputs[index]);
    const integersAt = (index: number): readonly number[] => {
      const value = given(index);
      if (!isIntegers(value)) throw new Error(`${node.op} needs integers`);
      return value.integers;
    };
    const x = (index: number): TfTensor => {
      const value = given(index);
      if (isIntegers(value)) throw new Error(`${node.op} needs real numbers`);
      return value;
    };
    const made: DeviceValue[] = [];
    tf.tidy(() => {
      const results = tfjsOperators[node.op]?.({
        tf,
        node,
        x,
        value: given,
        integers: integersAt,
        optional: (index) => (node.inputs[index] ? x(index) : undefined),
        indices: (index) => tf.tensor([...integersAt(index)], [...dimsOf(given(index))], 'int32'),
      });
      made.push(...(Array.isArray(results) ? (results as DeviceValue[]) : [results as DeviceValue]));
      return made.filter((value) => !isIntegers(value)) as TfTensor[];
    });
    node.outputs.forEach((output, index) => values.set(output, valueAt(made, index)));
  }
}

const dimsOf = (value: DeviceValue): readonly number[] => (isIntegers(value) ? value.dims : value.shape);

function valueAt(values: readonly DeviceValue[], index: number): DeviceValue {
  const value = values[index];
  if (!value) throw new Error('an operator gives fewer outputs than its node has');
  return value;
}

function valueOf(values: ReadonlyMap<Value, DeviceValue>, value: Value | undefined): DeviceValue {
  const found = value && values.get(value);
  if (!found) throw new Error(`${value?.name ?? 'an input'} is not computed`);
  return found;
}

function dispose(values: Map<Value, DeviceValue>, value: Value): void {
  const held = values.get(value);
  if (held && !isIntegers(held)) held.dispose();
  values.delete(value);
}

/** Values that are neither constants nor outputs, by the last node that reads them, or that makes them for nobody. */
function lastReads({ nodes, outputs, constants }: Graph): readonly (readonly Value[])[] {
  const kept = new Set([...outputs.values(), ...constants.map(({ value }) => value)]);
  const last = new Map<Value, number>();
  nodes.forEach((node, index) => {
    for (const value of [...node.inputs, ...node.outputs]) if (value && !kept.has(value)) last.set(value, index);
  });
  return nodes.map((_, index) => [...last].flatMap(([value, at]) => (at === index ? [value] : [])));
}

async function read(value: DeviceValue, into: Tensor | undefined): Promise<Tensor> {
  if (isIntegers(value)) return { type: 'int64', dims: value.dims, data: BigInt64Array.from(value.integers, BigInt) };
  const data = (await value.data()) as Float32Array;
  if (!into) return { type: 'float32', dims: value.shape, data };
  (into.data as Float32Array).set(data);
  return into;
}
