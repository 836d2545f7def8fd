import { jvp } from '../autodiff/index.js';
import type { Value } from '../graph/graph.js';
import { buildStage, type ParameterUse, type Stage, type StageGraph } from '../graph/stage.js';
import type { Direction } from '../parameters/direction.js';
import type { Parameters } from '../parameters/parameters.js';
import { floats, type Backend, type Session, type Tensor, type Tensors } from '../sessions/session.js';
import { ActivationMemory } from './activations.js';
import { Scratch } from './scratch.js';
import { SessionCache } from './session-cache.js';
import { layOutSlices, sliceOf, rowBlocks, type ParameterSlice, type RowBlock } from './slices.js';
import { UnperturbedSlices } from './streaming.js';

/** A stage's graph with its forward-mode derivative. */
interface TangentGraph extends StageGraph {
  /** Inputs that come with a tangent. */
  readonly active: readonly Value[];
  /** Parameters whose tangent is the direction. */
  readonly moving: readonly ParameterUse[];
  readonly tangents: ReadonlyMap<string, Value>;
}

type Compiled = TangentGraph & { readonly session: Session };

export interface JvpResult {
  readonly values: Tensors;
  /** Derivatives of `values` along the direction; what is missing has none. */
  readonly tangents: Tensors;
}

/**
 * Forward-mode differentiation stage by stage: values and their derivatives along z travel together, so neither the
 * direction nor the tangents of the whole model are ever in memory at once.
 */
export class JvpRunner {
  readonly #sessions: SessionCache<TangentGraph>;
  readonly #built = new Map<string, StageGraph>();
  readonly #scratch: Scratch;
  readonly #plain: UnperturbedSlices;
  readonly #memory: ActivationMemory;

  constructor(
    readonly backend: Backend,
    readonly parameters: Parameters,
  ) {
    this.#sessions = new SessionCache(backend);
    this.#scratch = new Scratch(parameters);
    this.#plain = new UnperturbedSlices(parameters);
    this.#memory = new ActivationMemory(backend);
  }

  /** Runs the stages at theta with the direction z in all trainable parameters. Good until the next run. */
  async run(stages: readonly Stage[], batch: Tensors, direction: Direction): Promise<JvpResult> {
    const values: Record<string, Tensor> = { ...batch };
    const tangents = new Map<string, Tensor>();
    for (const stage of stages) {
      const compiled = await this.#compile(stage, new Set(tangents.keys()));
      for (const name of compiled.carries) {
        values[name] = this.#memory.carry(name, 0, compiled.inputs, values);
        const zero = this.#memory.take(`tangent:${name}`, 0, values[name].dims);
        (zero.data as Float32Array).fill(0);
        tangents.set(name, zero);
      }
      for (const block of rowBlocks(compiled)) await this.#runStage(stage, compiled, values, tangents, direction, block);
    }
    return { values, tangents: Object.fromEntries(tangents) };
  }

  async release(): Promise<void> {
    await this.#sessions.release();
  }

  #compile(stage: Stage, withTangent: ReadonlySet<string>): Promise<Compiled> {
    const { uses, inputs, carries } = this.#look(stage);
    const moving = new Set(uses.map(({ local }) => local).filter((local) => this.parameters.get(stage.prefix + local).trainable));
    const carried = moving.size > 0 || inputs.some(({ name }) => withTangent.has(name)) ? carries : [];
    const active = new Set(inputs.map(({ name }) => name).filter((name) => withTangent.has(name) || carried.includes(name)));
    const key = [stage.kind, ...active, 'along', ...moving].join(' ');
    return this.#sessions.get(key, () => differentiated(buildStage(stage), active, moving));
  }

  /** A stage's graph, to look at: what is compiled is built anew, for differentiation adds to it. */
  #look(stage: Stage): StageGraph {
    let built = this.#built.get(stage.kind);
    if (!built) {
      built = buildStage(stage);
      this.#built.set(stage.kind, built);
    }
    return built;
  }

  async #runStage(
    stage: Stage,
    compiled: Compiled,
    values: Record<string, Tensor>,
    tangents: Map<string, Tensor>,
    direction: Direction,
    block: RowBlock | undefined,
  ): Promise<void> {
    const feeds: Record<string, Tensor> = {};
    for (const { name } of compiled.inputs) feeds[name] = given(values, name);
    const incoming = Object.fromEntries(tangents);
    for (const { name } of compiled.active) feeds[`tangent:${name}`] = given(incoming, name);
    const locals = new Set(compiled.moving.map(({ local }) => local));
    const slices = compiled.uses.map((use) => sliceOf(this.parameters, stage, use, (name) => given(values, name), block));
    this.#feedDirection(
      slices.filter(({ use }) => locals.has(use.local)),
      direction,
      feeds,
    );
    Object.assign(feeds, this.#plain.tensors(slices));
    const made = this.#memory.outputs('', compiled.outputs, 0, compiled.inputs, feeds);
    const derivatives = this.#memory.outputs('tangent:', compiled.tangents, 0, compiled.inputs, feeds);
    await compiled.session.run(feeds, {
      ...prefixed('out:', made),
      ...prefixed('tangent-out:', derivatives),
    });
    for (const [name, tensor] of made) {
      values[name] = tensor;
      tangents.delete(name); // of an earlier value of that name
    }
    for (const [name, tensor] of derivatives) tangents.set(name, tensor);
  }

  #feedDirection(moving: readonly ParameterSlice[], direction: Direction, feeds: Record<string, Tensor>): void {
    const { offsets, total } = layOutSlices(moving);
    if (moving.length > 0) this.#scratch.reserve(1, total);
    moving.forEach(({ use, parameter, runs, dims, count }, index) => {
      const start = offsets[index] ?? 0;
      let offset = start;
      for (const run of runs) {
        this.#scratch.direction(parameter, run, direction, offset);
        offset += run.count;
      }
      feeds[`tangent:${use.value.name}`] = floats(dims, this.#scratch.view(0, start, count));
    });
  }
}

/** Adds the derivatives of the stage's outputs along its active inputs and moving parameters. */
function differentiated(built: StageGraph, activeInputs: ReadonlySet<string>, movingLocals: ReadonlySet<string>): TangentGraph {
  const { graph, outputs } = built;
  const active = built.inputs.filter(({ name }) => activeInputs.has(name));
  const moving = built.uses.filter(({ local }) => movingLocals.has(local));
  const sources = [...active, ...moving.map(({ value }) => value)];
  const directions = new Map(sources.map((value) => [value, graph.input(`tangent:${value.name}`, 'real', value.shape)]));
  const derivatives = jvp(graph, directions, [...outputs.values()]);
  const tangents = new Map<string, Value>();
  [...outputs].forEach(([name, value], index) => {
    graph.output(`out:${name}`, value);
    const derivative = derivatives[index];
    if (!derivative) return;
    graph.output(`tangent-out:${name}`, derivative);
    tangents.set(name, derivative);
  });
  return { ...built, active, moving, tangents };
}

function given(tensors: Record<string, Tensor>, name: string): Tensor {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`no stage and no batch gives ${name}`);
  return tensor;
}

function prefixed(prefix: string, tensors: ReadonlyMap<string, Tensor>): Tensors {
  return Object.fromEntries([...tensors].map(([name, tensor]) => [prefix + name, tensor]));
}
