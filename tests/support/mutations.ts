import fc from 'fast-check';

/*
 * Valid inputs, changed in a few places. An edit is data, so that a counterexample is short: where (any number, taken modulo what there
 * is) and what.
 */

const where = fc.nat();

const byteEdit = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('set' as const), where, fc.nat(255)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('flip' as const), where, fc.nat(7)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('copy' as const, 'double' as const), where, fc.nat(200)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('cut' as const, 'drop' as const), where, fc.nat(200)) },
);
type ByteEdit = typeof byteEdit extends fc.Arbitrary<infer E> ? E : never;

export const byteEdits = fc.array(byteEdit, { minLength: 1, maxLength: 6 });

export const editBytes = (bytes: Buffer, edits: readonly ByteEdit[]): Buffer => edits.reduce(editedBytes, Buffer.from(bytes));

function editedBytes(bytes: Buffer, [kind, place, amount]: ByteEdit): Buffer {
  if (bytes.length === 0) return bytes;
  const at = place % bytes.length;
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, at + amount), bytes.subarray(at + amount)];
  switch (kind) {
    case 'set':
      return Buffer.concat([before, Buffer.from([amount]), bytes.subarray(at + 1)]);
    case 'flip':
      return Buffer.concat([before, Buffer.from([(bytes[at] ?? 0) ^ (1 << amount)]), bytes.subarray(at + 1)]);
    case 'copy':
      return Buffer.concat([piece, bytes.subarray(piece.length)]);
    case 'double':
      return Buffer.concat([before, piece, piece, after]);
    case 'cut':
      return before;
    case 'drop':
      return Buffer.concat([before, after]);
  }
}

/** What a reader does not expect, of every type. */
const STRANGE: readonly unknown[] = [
  ...[null, true, false, '', 'x', '128', 'NaN', '\u001b[31m\nx', 'a'.repeat(5000), '__proto__', [], {}, [1], [[]], { a: 1 }],
  ...[-1, 0, 1, 2, 3, 7, 64, 1.5, 1000, 1e6, 2 ** 31, 2 ** 40, 2 ** 53, 1e20, 1e308, -1e308, 1e-320],
];

const jsonEdit = fc.record({
  /** The way to a value: a child of the root, one of its children, and so on, as far as there are any. */
  way: fc.array(where, { minLength: 1, maxLength: 6 }),
  kind: fc.constantFrom('remove', 'replace', 'swap', 'repeat', 'add'),
  value: fc.constantFrom(...STRANGE),
  /** The way to another value, whose copy takes its place. */
  from: fc.array(where, { minLength: 1, maxLength: 6 }),
});
type JsonEdit = typeof jsonEdit extends fc.Arbitrary<infer E> ? E : never;

export const jsonEdits = fc.array(jsonEdit, { minLength: 1, maxLength: 3 });

export function editJson(value: unknown, edits: readonly JsonEdit[]): unknown {
  const edited = structuredClone(value);
  for (const edit of edits) change(edited, edit);
  return edited;
}

function change(root: unknown, { way, kind, value, from }: JsonEdit): void {
  const [holder, key] = walk(root, way) ?? [];
  if (holder === undefined || key === undefined) return;
  if (kind === 'remove') Reflect.deleteProperty(holder, key);
  else if (kind === 'repeat') {
    const copy: unknown = structuredClone(Reflect.get(holder, key));
    if (Array.isArray(holder)) holder.push(copy);
    else set(holder, `${key} again`, copy);
  } else if (kind === 'add') set(holder, 'added', value);
  else if (kind === 'swap') {
    const [other, name] = walk(root, from) ?? [holder, key];
    set(holder, key, Reflect.get(other, name));
  } else set(holder, key, value);
}

/** Keeps "__proto__" a key like others. */
const set = (holder: object, key: string, value: unknown): void => {
  Object.defineProperty(holder, key, { value: structuredClone(value), enumerable: true, configurable: true, writable: true });
};

function walk(root: unknown, way: readonly number[]): [holder: object, key: string] | undefined {
  let found: [object, string] | undefined;
  let node = root;
  for (const step of way) {
    const keys = typeof node === 'object' && node !== null ? Object.keys(node) : [];
    const key = keys[step % keys.length];
    if (key === undefined) break;
    found = [node as object, key];
    node = Reflect.get(node as object, key);
  }
  return found;
}

/** Edits of a file that holds JSON: of its values, or of its bytes. */
export const jsonFileEdits = fc.oneof(
  { weight: 4, arbitrary: fc.record({ json: jsonEdits }) },
  { weight: 1, arbitrary: fc.record({ bytes: byteEdits }) },
);
type JsonFileEdits = typeof jsonFileEdits extends fc.Arbitrary<infer E> ? E : never;

export function editJsonFile(value: unknown, edits: JsonFileEdits): Buffer {
  if ('bytes' in edits) return editBytes(Buffer.from(JSON.stringify(value)), edits.bytes);
  return Buffer.from(JSON.stringify(editJson(value, edits.json)));
}
