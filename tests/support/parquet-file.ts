// The smallest Parquet file there is: one column of 64-bit integers, required, in one page, PLAIN. Written by hand, so that it can lie.

const CODECS = { UNCOMPRESSED: 0, SNAPPY: 1 } as const;

export interface ParquetLies {
  readonly codec?: keyof typeof CODECS;
  /** Bytes that the page says it unpacks to. */
  readonly unpacked?: number;
  /** Values that the page says it holds. */
  readonly values?: number;
  /** Rows that the footer says there are. */
  readonly rows?: number;
}

/** The column `label`. */
export function parquetFile(values: readonly number[], lies: ParquetLies = {}): Buffer {
  const { codec = 'UNCOMPRESSED', rows = values.length } = lies;
  const data = Buffer.alloc(8 * values.length);
  values.forEach((value, index) => data.writeBigInt64LE(BigInt(value), 8 * index));
  const count = lies.values ?? values.length;
  const pageHeader = struct([
    [1, i32(0)],
    [2, i32(lies.unpacked ?? data.length)],
    [3, i32(data.length)],
    [
      5,
      nested([
        [1, i32(count)],
        [2, i32(0)],
        [3, i32(3)],
        [4, i32(3)],
      ]),
    ],
  ]);
  const column = nested([
    [1, i32(2)],
    [2, list(5, [varint(zigzag(0))])],
    [3, list(8, [binary('label')])],
    [4, i32(CODECS[codec])],
    [5, i64(rows)],
    [6, i64(pageHeader.length + data.length)],
    [7, i64(pageHeader.length + data.length)],
    [9, i64(4)],
  ]);
  const rowGroup = struct([
    [
      1,
      list(12, [
        struct([
          [2, i64(4)],
          [3, column],
        ]),
      ]),
    ],
    [2, i64(data.length)],
    [3, i64(rows)],
  ]);
  const root = struct([
    [4, string('schema')],
    [5, i32(1)],
  ]);
  const leaf = struct([
    [1, i32(2)],
    [3, i32(0)],
    [4, string('label')],
  ]);
  const footer = struct([
    [1, i32(1)],
    [2, list(12, [root, leaf])],
    [3, i64(rows)],
    [4, list(12, [rowGroup])],
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), pageHeader, data, footer, length, Buffer.from('PAR1')]);
}

/** A field's type and bytes in Thrift's compact protocol. */
type Field = readonly [type: number, bytes: Buffer];

const zigzag = (value: number): number => 2 * value;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}

const i32 = (value: number): Field => [5, varint(zigzag(value))];
const i64 = (value: number): Field => [6, varint(zigzag(value))];
const binary = (text: string): Buffer => Buffer.concat([varint(text.length), Buffer.from(text)]);
const string = (text: string): Field => [8, binary(text)];
const nested = (fields: readonly (readonly [number, Field])[]): Field => [12, struct(fields)];
const list = (type: number, items: readonly Buffer[]): Field => [9, Buffer.concat([Buffer.from([16 * items.length + type]), ...items])];

function struct(fields: readonly (readonly [number, Field])[]): Buffer {
  let last = 0;
  const parts = fields.flatMap(([id, [type, bytes]]) => {
    const head = Buffer.from([16 * (id - last) + type]);
    last = id;
    return [head, bytes];
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}
