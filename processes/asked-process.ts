import { InputError } from '../engine/index.js';
import { MEASURED_NODE_OPTIONS } from './node-options.js';
import { deathOf, exitOf, tailOf } from './process-end.js';
import { type ProcessTree, startTree } from './process-tree.js';

/** How a process is asked. */
interface Manner {
  /** For an answer; default: any. */
  readonly limitSeconds?: number;
  readonly nodeOptions?: readonly string[];
}

interface Running {
  readonly tree: ProcessTree;
  /** Resolves to the reason when it ends. */
  readonly death: Promise<string>;
}

/** One without questions is ended: its own code may not sit beside what is measured. */
const IDLE_MS = 2000;

/**
 * A program of a process of its own that answers one question after another through `answerEach`. It is started for the first question, and
 * again after it died. One that waits for questions keeps nobody from ending.
 */
export class AskedProcess {
  #running: Running | undefined;
  #latest: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(
    readonly program: string,
    readonly manner: Manner = {},
  ) {}

  /** The answer, unchecked. @throws InputError with what kept the process from answering, or its own complaint. */
  ask(question: object): Promise<unknown> {
    const turn = this.#latest.then(() => this.#answerTo(question));
    this.#latest = turn.catch(() => undefined);
    return turn;
  }

  end(): void {
    clearTimeout(this.#idle);
    this.#running?.tree.end();
    this.#running = undefined;
  }

  async #answerTo(question: object): Promise<unknown> {
    clearTimeout(this.#idle);
    const running = (this.#running ??= this.#start());
    keepAwake(running.tree, true);
    try {
      return answerIn(await this.#answer(running, question));
    } finally {
      keepAwake(running.tree, false);
      this.#idle = setTimeout(() => this.end(), IDLE_MS).unref();
    }
  }

  #answer({ tree, death }: Running, question: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { limitSeconds } = this.manner;
      const late = () => {
        this.end();
        reject(new InputError(`no answer within ${String(limitSeconds)} s`));
      };
      const timer = limitSeconds === undefined ? undefined : setTimeout(late, limitSeconds * 1000);
      tree.channel.onMessage = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      void death.then((reason) => {
        clearTimeout(timer);
        reject(new InputError(reason));
      });
      tree.channel.send(question);
    });
  }

  #start(): Running {
    const tree = startTree(this.program, this.manner.nodeOptions ?? []);
    const output = tailOf(tree.root);
    const death = exitOf(tree.root).then((exit) => {
      if (this.#running?.tree === tree) this.#running = undefined;
      return deathOf('its process', exit, output()).reason;
    });
    return { tree, death };
  }
}

/** Whether this process waits for a tree before it ends. */
function keepAwake({ root }: ProcessTree, isAwake: boolean): void {
  for (const handle of [root, ...root.stdio] as (Partial<Pick<NodeJS.Timeout, 'ref' | 'unref'>> | null | undefined)[]) {
    if (isAwake) handle?.ref?.();
    else handle?.unref?.();
  }
}

/** @throws InputError with the process's complaint. */
function answerIn(message: unknown): unknown {
  const { answer, error } = Object(message) as Record<string, unknown>;
  if (typeof error === 'string') throw new InputError(error);
  if (answer === undefined) throw new InputError('its process sent a message that is no answer');
  return answer;
}

/**
 * Measures in a fresh process: `program` gets `run` and answers it.
 * @throws InputError with what kept it from running.
 */
export async function measuredBy<Result extends object>(program: string, run: object): Promise<Result> {
  const child = new AskedProcess(program, { nodeOptions: MEASURED_NODE_OPTIONS });
  try {
    return (await child.ask(run)) as Result;
  } finally {
    child.end();
  }
}
