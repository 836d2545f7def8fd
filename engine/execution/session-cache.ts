import type { Graph } from '../graph/graph.js';
import type { Backend, Session } from '../sessions/session.js';

/** What a runner builds and has compiled: a graph, with what it has to know to run it. */
interface Built {
  readonly graph: Graph;
}

/** The compiled graphs of a runner, each built once. */
export class SessionCache<Compilable extends Built> {
  readonly #compiled = new Map<string, Promise<Compilable & { readonly session: Session }>>();

  constructor(readonly backend: Backend) {}

  /** What `build` gave for this key, compiled. */
  get(key: string, build: () => Compilable): Promise<Compilable & { readonly session: Session }> {
    let compiled = this.#compiled.get(key);
    if (!compiled) {
      compiled = this.#compile(build());
      this.#compiled.set(key, compiled);
    }
    return compiled;
  }

  async release(): Promise<void> {
    for (const compiled of this.#compiled.values()) await (await compiled).session.release();
    this.#compiled.clear();
  }

  async #compile(built: Compilable): Promise<Compilable & { readonly session: Session }> {
    return { ...built, session: await this.backend.compile(built.graph) };
  }
}
