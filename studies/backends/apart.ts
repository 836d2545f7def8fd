import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackendName } from '../../engine/index.js';
import { AskedProcess } from '../../processes/index.js';

const worker = fileURLToPath(new URL(`./check-worker${extname(import.meta.url)}`, import.meta.url));
const LIMIT_SECONDS = 60;

/**
 * Checks a backend in a process of its own: a driver may end the process that asks it, or never answer.
 * @throws InputError in one line
 */
export async function checkBackendApart(name: BackendName): Promise<string> {
  const child = new AskedProcess(worker, { limitSeconds: LIMIT_SECONDS });
  try {
    return String(await child.ask({ name }));
  } finally {
    child.end();
  }
}
