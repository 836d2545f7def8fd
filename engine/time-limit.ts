import vm from 'node:vm';

/** What {@link withinTime} throws where the time is up. */
export class TimeUpError extends Error {
  override readonly name = 'TimeUpError';
}

const context = vm.createContext({ act: undefined });
const script = new vm.Script('act()');

/** Of a machine's time, a process gets at least such a share, or others wait for it in vain. */
const LEAST_SHARE = 1 / 32;

/**
 * Does something synchronous and gives its result, or ends it when it has had so much of the processor's time: a loop, or a regular
 * expression that explodes. On a busy machine, where little of the time that passed was its own, it is begun again with more.
 * Not to be nested.
 * @param act leaves nothing behind that a second beginning would find
 * @throws TimeUpError
 */
export function withinTime<T>(limitMs: number, act: () => T): T {
  for (let passingMs = limitMs; ; passingMs *= 2) {
    const before = processorMs();
    try {
      return withinPassingTime(passingMs, act);
    } catch (error) {
      const isStarved = processorMs() - before < limitMs / 2 && passingMs < limitMs / LEAST_SHARE;
      if (!(error instanceof TimeUpError) || !isStarved) throw error;
    }
  }
}

/**
 * Calls back when so much time has passed and this process has had as much of the processor's, as far as it gets its share: for what another
 * thread does meanwhile, which on a busy machine may not even have begun.
 * @returns what lifts the limit.
 */
export function afterProcessorTime(limitMs: number, isUp: () => void): () => void {
  const started = { passing: performance.now(), own: processorMs() };
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const leftMs = limitMs - (processorMs() - started.own);
    if (leftMs <= 0 || performance.now() - started.passing > limitMs / LEAST_SHARE) isUp();
    else timer = setTimeout(look, leftMs);
  };
  timer = setTimeout(look, limitMs);
  return () => clearTimeout(timer);
}

/** What this process has had of the processor's time until now. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** V8 offers a limit for scripts only, and counts what a script calls; it takes about 0.1 ms. */
function withinPassingTime<T>(limitMs: number, act: () => T): T {
  context.act = act;
  try {
    return script.runInContext(context, { timeout: Math.max(1, Math.ceil(limitMs)) }) as T;
  } catch (error) {
    const { code } = Object(error) as NodeJS.ErrnoException;
    throw code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? new TimeUpError(`${Math.ceil(limitMs)} ms are over`) : error;
  } finally {
    context.act = undefined;
  }
}
