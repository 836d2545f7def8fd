import { writeFileSync } from 'node:fs';

/** A header, given as an object or as text, the data after it, and the header length claimed where it is not the true one. */
export type Contents = readonly [header: object | string, data: Uint8Array, claimedLength?: number];

/** Writes a safetensors file whatever it contains, and returns its name. */
export function writeByHand(file: string, ...[header, data, claimedLength]: Contents): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(claimedLength ?? json.length));
  writeFileSync(file, Buffer.concat([length, json, data]));
  return file;
}
