/** The part of the WebAssembly interface that the heap uses; Node's own type declarations leave it out. */
declare namespace WebAssembly {
  interface Module {
    readonly module: unique symbol;
  }
  const Module: new (bytes: Uint8Array) => Module;

  interface Memory {
    readonly buffer: ArrayBuffer;
    /** Adds pages of 64 KiB; buffers handed out before become empty. */
    grow(pages: number): number;
  }
  const Memory: new (limits: { initial: number; maximum: number }) => Memory;

  interface Instance {
    readonly exports: unknown;
  }
  const Instance: new (module: Module, imports: { env: { memory: Memory } }) => Instance;
}
