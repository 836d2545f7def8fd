import type { BackendName, TfjsBinding } from './backend-names.js';
import { cpuBackend } from './cpu.js';
import type { Backend } from './session.js';
import { tfjsBackend } from './tfjs/tfjs.js';
import { webgpuBackend } from './webgpu.js';

/**
 * Opens a backend.
 * @param threads - of the CPU's
 * @throws InputError saying what is missing
 */
export function openBackend(name: BackendName, threads: number): Promise<Backend> {
  if (name === 'cpu') return Promise.resolve(cpuBackend(threads));
  if (name === 'webgpu') return webgpuBackend();
  const [, binding] = name.split(':');
  return tfjsBackend(binding as TfjsBinding | undefined);
}
