import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { LineChannel } from './line-channel.js';

/** A process and whatever it starts, which ends as one. */
export interface ProcessTree {
  readonly root: ChildProcess;
  readonly channel: LineChannel;
  /** Kills all of it. A second call finds what was started meanwhile. */
  readonly end: () => void;
}

/** Children inherit the environment, also those that leave their parent's group and outlive it. */
const MARK = 'ZOBENCH_CELL';

/** Starts a Node program whose children, loops and signal handlers cannot outlive it, nor this process, under the same options and more. */
export function startTree(program: string, nodeOptions: readonly string[], args: readonly string[] = []): ProcessTree {
  const mark = `${MARK}=${process.pid}-${randomUUID()}`;
  const [name = '', value] = mark.split('=');
  // A process group of its own: Ctrl-C reaches the parent alone, which then decides.
  const root = spawn(process.execPath, [...process.execArgv, ...loaderOf(program), ...nodeOptions, program, ...args], {
    env: { ...process.env, [name]: value },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const dismiss = guard(root);
  const end = (): void => {
    endGroup(root);
    endMarked(mark);
  };
  root.once('exit', () => {
    dismiss();
    end();
  });
  return { root, channel: new LineChannel(pipeTo(root)), end };
}

/** Built programs need none; tests run the sources. */
const loaderOf = (program: string): readonly string[] => (program.endsWith('.ts') ? ['--import', 'tsx'] : []);

/** Of a process that could not be started nothing is there; its error tells. */
function pipeTo(root: Partial<ChildProcess>): Duplex {
  const pipe = root.stdio?.[3];
  return pipe instanceof Duplex ? pipe : Duplex.from([]);
}

function endGroup(root: ChildProcess): void {
  if (root.pid === undefined) return;
  // Windows knows no groups.
  if (process.platform === 'win32') root.kill('SIGKILL');
  else kill(-root.pid);
}

const ROUNDS = 10;

/** Ends what left the group, where the system tells who it is (Linux); in rounds, since it may be starting more. */
function endMarked(mark: string): void {
  for (let round = 0; round < ROUNDS; round++) {
    const found = processes().filter((pid) => environmentOf(pid).includes(mark));
    if (found.length === 0) return;
    found.forEach(kill);
  }
}

function processes(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []));
}

/** Empty of one that is gone, has ended, or is someone else's. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** A shell that ends the group when this process is gone, however that ended: a program in a loop does not notice. */
function guard({ pid }: ChildProcess): () => void {
  if (pid === undefined || process.platform === 'win32') return () => undefined;
  const shell = spawn('sh', ['-c', 'read -r _; kill -KILL "-$0"', String(pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.on('error', () => undefined); // without a shell there is no guard
  shell.unref();
  return () => void shell.kill('SIGKILL');
}
