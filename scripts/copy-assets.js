// What the TypeScript compiler leaves behind: the kernels' WebAssembly.
import { copyFileSync } from 'node:fs';

copyFileSync('engine/kernels.wasm', 'dist/engine/kernels.wasm');
