import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { projectFolder, versionIn, zobenchVersion } from '../engine/project.js';
import type { CellRecord } from './record.js';

/** The processor, its usable cores and the memory; deliberately no host name. */
export function machineInfo(): CellRecord['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${process.platform}-${process.arch}`,
  };
}

/** Versions that can change a result; `backend` is the npm package that computes, such as onnxruntime-node. */
export function versionInfo(backend: string): CellRecord['versions'] {
  return {
    zobench: zobenchVersion(),
    node: process.versions.node,
    backend: `${backend} ${versionIn(createRequire(import.meta.url).resolve(`${backend}/package.json`))}`,
    commit: commitOf(),
  };
}

/** The commit checked out, with -dirty behind it where files were changed; null outside zobench's own repository. */
function commitOf(): string | null {
  if (!existsSync(join(projectFolder, '.git'))) return null;
  try {
    const describe = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'];
    return execFileSync('git', describe, { cwd: projectFolder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // No git on this machine, or no commit yet.
    return null;
  }
}
