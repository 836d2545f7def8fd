// What the TypeScript compiler leaves behind: the kernels' WebAssembly, the report page's script and style, the tuned learning rates, a thread.
import { cpSync } from 'node:fs';

for (const path of ['engine/kernels/kernels.wasm', 'reports/html/built', 'benchmarks/learning-rates.json', 'tasks/data/parquet-thread.js'])
  cpSync(path, `dist/${path}`, { recursive: true });
