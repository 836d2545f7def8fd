import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Tells the process apart from all others that have or had its number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in Linux's clock ticks since boot; null elsewhere. */
  readonly startTicks: string | null;
}

/** This process. */
export const thisProcess: ProcessIdentity = { pid: process.pid, startTicks: startTicks(process.pid) };

/** Whether the process lives. A number comes round again, above all in containers: the start time tells its bearers apart. */
export function isRunning({ pid, startTicks: started }: ProcessIdentity): boolean {
  return exists(pid) && startTicks(pid) === started;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It lives, but is someone else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startTicks(pid: number): string | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  try {
    const stat = readFileSync(file, 'utf8');
    // Field 22; the name, field 2, is in parentheses and may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null; // it ended just now
  }
}

/** Where process numbers mean the same: a machine, or a container of it. Others may write to the same disk. */
const PLACE = createHash('sha256')
  .update(`${hostname()} ${existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid') : ''}`)
  .digest('hex')
  .slice(0, 8);

const OWNED_NAME = /^\.?zobench-([0-9a-f]{8})-(\d+)-(\d*)-/;

/** A name for what this process makes and removes again: should it die before, another can tell. A leading dot may be put before it. */
export const ownedName = (suffix: string): string => `zobench-${PLACE}-${process.pid}-${thisProcess.startTicks ?? ''}-${suffix}`;

/** What is known of the owner of a file or folder with such a name; undefined for other names. */
export function ownerState(name: string): 'alive' | 'dead' | 'elsewhere' | undefined {
  const [, place, pid, ticks] = OWNED_NAME.exec(name) ?? [];
  if (pid === undefined) return undefined;
  if (place !== PLACE) return 'elsewhere';
  return isRunning({ pid: Number(pid), startTicks: ticks === '' ? null : (ticks ?? null) }) ? 'alive' : 'dead';
}
