import { refusalIn } from '../engine/errors.js';

/** As of a program that the lack of a reader ends (SIGPIPE). */
const READER_GONE = 141;

/**
 * Ends the program quietly where nobody reads it any more, as behind `| head`, and with a line where what is asked for cannot be written.
 * Progress and complaints that find no room are no reason to lose what is computed.
 */
export function endWithOutput({ stdout, stderr }: Readonly<Record<'stdout' | 'stderr', NodeJS.WritableStream>>): void {
  const endUnread = ({ code }: NodeJS.ErrnoException): void => {
    if (code === 'EPIPE') process.exit(READER_GONE);
  };
  stderr.on('error', endUnread);
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    endUnread(error);
    stderr.write(`zobench: standard output cannot be written: ${refusalIn(error)}\n`);
    process.exit(1);
  });
}
