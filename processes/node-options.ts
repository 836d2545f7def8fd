/**
 * Options of every measured process. Node lets short-lived objects pile up to 48 MiB before it collects them; here that would be
 * a third of a small model's peak memory, so it is told to collect at 3.
 */
export const MEASURED_NODE_OPTIONS: readonly string[] = ['--max-semi-space-size=1'];
