import type { Value } from '../graph/graph.js';
import { buildStage, type Stage, type StageGraph } from '../graph/stage.js';
import type { Point } from '../parameters/direction.js';
import type { Parameters } from '../parameters/parameters.js';
import { floats, type Backend, type Session, type Tensor, type Tensors } from '../sessions/session.js';
import { ActivationMemory } from './activations.js';
import { Scratch } from './scratch.js';
import { SessionCache } from './session-cache.js';
import { layOutSlices, unperturbedTensor, sliceOf, rowBlocks, type ParameterSlice, type RowBlock } from './slices.js';
import { UnperturbedSlices } from './streaming.js';

type Compiled = StageGraph & { readonly session: Session };

/**
 * Runs a model stage by stage at theta or at several points theta + scale z at once ("perturb at use"): just before a stage
 * runs, its perturbed parameters are written to scratch, and the points' activations travel through the stages side by side.
 * What does not depend on a perturbed parameter yet is computed once for all points.
 */
export class ForwardRunner {
  readonly #sessions: SessionCache<StageGraph>;
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

  /** What the stages put out at each of `points`, or once at theta where there are none. Good until the next run. */
  async run(stages: readonly Stage[], batch: Tensors, points: readonly Point[] = []): Promise<readonly Tensors[]> {
    const flow = new Flow(batch, Math.max(1, points.length));
    for (const stage of stages) {
      const compiled = await this.#compile(stage);
      const lanes = this.#perturbed(stage, compiled, points).length > 0 || !flow.shares(compiled.inputs) ? flow.lanes : [0];
      for (const name of compiled.carries) {
        for (const lane of lanes) flow.set(name, lane, lanes.length, this.#memory.carry(name, lane, compiled.inputs, flow.tensors(lane)));
      }
      for (const block of rowBlocks(compiled)) await this.#runStage(stage, compiled, flow, lanes, points, block);
    }
    return flow.lanes.map((lane) => flow.tensors(lane));
  }

  async release(): Promise<void> {
    await this.#sessions.release();
  }

  #compile(stage: Stage): Promise<Compiled> {
    return this.#sessions.get(stage.kind, () => {
      const built = buildStage(stage);
      for (const [name, value] of built.outputs) built.graph.output(`out:${name}`, value);
      return built;
    });
  }

  /** The stage's parameters that differ from point to point. */
  #perturbed(stage: Stage, { uses }: StageGraph, points: readonly Point[]): StageGraph['uses'] {
    return uses.filter(({ local }) => {
      const parameter = this.parameters.get(stage.prefix + local);
      return points.some(({ direction }) => this.parameters.isMoved(parameter, direction));
    });
  }

  async #runStage(
    stage: Stage,
    compiled: Compiled,
    flow: Flow,
    lanes: readonly number[],
    points: readonly Point[],
    block: RowBlock | undefined,
  ): Promise<void> {
    const slices = compiled.uses.map((use) => sliceOf(this.parameters, stage, use, (name) => flow.get(name, 0), block));
    const perturbed = this.#perturbed(stage, compiled, points);
    const moving = slices.filter(({ use }) => perturbed.includes(use));
    const { offsets, total } = layOutSlices(moving);
    this.#scratch.reserve(points.length, total);
    moving.forEach(({ parameter, runs }, index) => this.#scratch.perturb(parameter, runs, points, offsets[index] ?? 0));
    const fixed = this.#plain.tensors(slices.filter((slice) => !moving.includes(slice)));
    const made: ReadonlyMap<string, Tensor>[] = [];
    for (const lane of lanes) {
      const own = namedTensors(moving, (slice, index) => {
        const point = points[lane];
        if (!point || !this.parameters.isMoved(slice.parameter, point.direction)) return unperturbedTensor(this.parameters, slice);
        return floats(slice.dims, this.#scratch.view(lane, offsets[index] ?? 0, slice.count));
      });
      made.push(await this.#runLane(compiled, flow, lane, { ...fixed, ...own }));
    }
    // Not before every lane has run: what they share is in lane 0, which a stage's output of the same name replaces.
    made.forEach((outputs, lane) => {
      for (const [name, tensor] of outputs) flow.set(name, lane, lanes.length, tensor);
    });
  }

  async #runLane(compiled: Compiled, flow: Flow, lane: number, parameters: Tensors): Promise<ReadonlyMap<string, Tensor>> {
    const inputs = Object.fromEntries(compiled.inputs.map(({ name }) => [name, flow.get(name, lane)]));
    const made = this.#memory.outputs('', compiled.outputs, lane, compiled.inputs, inputs);
    const into = Object.fromEntries([...made].map(([name, tensor]) => [`out:${name}`, tensor]));
    await compiled.session.run({ ...inputs, ...parameters }, into);
    return made;
  }
}

function namedTensors(slices: readonly ParameterSlice[], tensor: (slice: ParameterSlice, index: number) => Tensor): Tensors {
  return Object.fromEntries(slices.map((slice, index) => [slice.use.value.name, tensor(slice, index)]));
}

/** The tensors that flow from stage to stage, in one lane per point; what is the same for all points is in lane 0 alone. */
class Flow {
  readonly lanes: readonly number[];
  readonly #own: Map<string, Tensor>[];

  constructor(batch: Tensors, lanes: number) {
    this.lanes = Array.from({ length: lanes }, (_, lane) => lane);
    this.#own = this.lanes.map((lane) => new Map(lane === 0 ? Object.entries(batch) : []));
  }

  shares(inputs: readonly Value[]): boolean {
    return inputs.every(({ name }) => this.#own.slice(1).every((own) => !own.has(name)));
  }

  get(name: string, lane: number): Tensor {
    const tensor = this.#own[lane]?.get(name) ?? this.#own[0]?.get(name);
    if (!tensor) throw new Error(`no stage and no batch gives ${name}`);
    return tensor;
  }

  set(name: string, lane: number, lanes: number, tensor: Tensor): void {
    this.#own[lane]?.set(name, tensor);
    if (lanes === 1) for (const own of this.#own.slice(1)) own.delete(name);
  }

  tensors(lane: number): Tensors {
    return { ...Object.fromEntries(this.#own[0] ?? []), ...Object.fromEntries(this.#own[lane] ?? []) };
  }
}
