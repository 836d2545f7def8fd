import { readFileSync } from 'node:fs';

/** The largest resident set this process has had, in bytes: VmHWM on Linux, the operating system's figure elsewhere. */
export function peakBytes(): number {
  try {
    const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // Not Linux: there is no such file.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** The resident set of this process now, in bytes. */
export const currentBytes = (): number => process.memoryUsage.rss();
