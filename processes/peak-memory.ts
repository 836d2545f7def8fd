import { readFileSync, writeFileSync } from 'node:fs';

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

/** Lets {@link peakBytes} start anew from what is resident now, where the operating system can do that. */
export function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed: the peak is that of the whole process.
  }
}

/** The resident set of this process now, in bytes. */
export const currentBytes = (): number => process.memoryUsage.rss();
