/** An argument as a shell takes it, in quotes where it has to be. */
export const shellQuoted = (part: string): string => (/^[\w.,:/=@%+-]+$/.test(part) ? part : `'${part.replaceAll("'", String.raw`'\''`)}'`);

/** The command that a program was given, to be given again; but for `--retry`, which belongs to one call alone. */
export const commandAgain = (program: string, argv: readonly string[]): string =>
  [program, ...argv.filter((part) => part !== '--retry').map(shellQuoted)].join(' ');
