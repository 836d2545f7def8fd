import { vjp } from '../autodiff/index.js';
import type { Graph, Value } from '../graph/graph.js';
import { scalar } from '../graph/operators.js';
import { buildStage, composeStages, type Stage } from '../graph/stage.js';
import type { Buffers } from '../parameters/direction.js';
import type { Parameters } from '../parameters/parameters.js';
import { float32Of, floats, type Backend, type Tensor, type Tensors } from '../sessions/session.js';
import { ForwardRunner } from './forward.js';
import { SessionCache } from './session-cache.js';

/** Stages as one graph, with its reverse-mode gradient. */
interface GradientGraph {
  readonly graph: Graph;
  readonly inputs: readonly string[];
  readonly parameters: readonly string[];
  readonly gradients: ReadonlySet<string>;
  /** Stages before the composed ones. */
  readonly before: number;
}

/**
 * Ordinary backpropagation: stages in one graph, with its reverse-mode gradient, at the ordinary cost in memory. The stages before
 * the first that has a parameter with a gradient run one after another, and nothing is kept of them but what they hand on.
 */
export class BackwardRunner {
  readonly #sessions: SessionCache<GradientGraph>;

  constructor(
    readonly backend: Backend,
    readonly parameters: Parameters,
    readonly runner = new ForwardRunner(backend, parameters),
  ) {
    this.#sessions = new SessionCache(backend);
  }

  /**
   * The scalar output named `loss`; its gradient in each trainable parameter that `gradients` has an array for is written there.
   * @throws UsageError where parameters are streamed.
   */
  async run(stages: readonly Stage[], batch: Tensors, gradients: Buffers): Promise<number> {
    this.parameters.needAllInMemory('backpropagation');
    const {
      session,
      inputs,
      parameters,
      gradients: connected,
      before,
    } = await this.#sessions.get(keyOf(stages, gradients), () => this.#build(stages, gradients));
    const [given = {}] = await this.runner.run(stages.slice(0, before), batch);
    const feeds: Record<string, Tensor> = {};
    for (const name of inputs) {
      const tensor = given[name];
      if (!tensor) throw new Error(`the batch lacks ${name}`);
      feeds[name] = tensor;
    }
    for (const name of parameters) feeds[`parameter:${name}`] = this.parameters.tensor(this.parameters.get(name));
    const into: Record<string, Tensor> = {};
    for (const parameter of this.parameters.trainable.filter(({ name }) => gradients.has(name))) {
      const memory = this.parameters.heap.floats(this.parameters.buffer(gradients, parameter), parameter.count);
      if (connected.has(parameter.name)) into[`gradient:${parameter.name}`] = floats(parameter.shape, memory);
      else memory.fill(0);
    }
    const loss = float32Of(await session.run(feeds, into), 'loss')[0];
    return loss ?? NaN;
  }

  async release(): Promise<void> {
    await this.#sessions.release();
  }

  #build(stages: readonly Stage[], wanted: Buffers): GradientGraph {
    const first = stages.findIndex((stage) => buildStage(stage).uses.some(({ local }) => wanted.has(stage.prefix + local)));
    const before = first < 0 ? stages.length - 1 : first;
    const { graph, values, parameters } = composeStages(stages.slice(before));
    const inputs = graph.inputs.filter((input) => ![...parameters.values()].includes(input)).map(({ name }) => name);
    const loss = values.get('loss');
    if (!loss) throw new Error('no stage puts out a loss');
    const differentiated = [...parameters].filter(([name]) => wanted.has(name) && this.parameters.get(name).trainable);
    const seed: ReadonlyMap<Value, Value> = new Map([[loss, scalar(loss, 1)]]);
    const gradients = vjp(
      graph,
      seed,
      differentiated.map(([, value]) => value),
    );
    graph.output('loss', loss);
    const connected = new Set<string>();
    differentiated.forEach(([name], index) => {
      const gradient = gradients[index];
      if (!gradient) return;
      graph.output(`gradient:${name}`, gradient);
      connected.add(name);
    });
    return { graph, inputs, parameters: [...parameters.keys()], gradients: connected, before };
  }
}

const keyOf = (stages: readonly Stage[], gradients: Buffers): string =>
  [...stages.map(({ kind }) => kind), 'with', ...gradients.keys()].join(' ');
