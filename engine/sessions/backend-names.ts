/** What TensorFlow.js can compute with, the fastest first. */
export const TFJS_BINDINGS = ['node-gpu', 'node', 'webgpu', 'wasm'] as const;
export type TfjsBinding = (typeof TFJS_BINDINGS)[number];

/** What can run a model's graphs, by name; `tfjs` alone takes the first of its bindings that works. */
export const BACKENDS = ['cpu', 'webgpu', 'tfjs', ...TFJS_BINDINGS.map((binding) => `tfjs:${binding}` as const)] as const;
export type BackendName = (typeof BACKENDS)[number];
