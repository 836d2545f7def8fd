// What the TypeScript compiler leaves behind: the kernels' WebAssembly, the report page's script and style, the tuned learning rates, a thread;
// and the right to run the program, which npm gives only where zobench is installed.
import { chmodSync, cpSync } from 'node:fs';

for (const path of ['engine/kernels/kernels.wasm', 'reports/html/built', 'benchmarks/learning-rates.json', 'tasks/data/parquet-thread.js'])
  cpSync(path, `dist/${path}`, { recursive: true });
chmodSync('dist/commands/zobench.js', 0o755);
