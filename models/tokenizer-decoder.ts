import { ByteFallbackDecoder, SequenceDecoder, type Decoder } from '@huggingface/tokenizers';

/** A decoder of the library, its parts replaced that depart from the reference (the Rust crate tokenizers). */
export function referenceDecoder(decoder: Decoder | null): Decoder | null {
  if (decoder instanceof SequenceDecoder) {
    decoder.decoders = decoder.decoders.map((part) => referenceDecoder(part) ?? part);
  }
  return decoder instanceof ByteFallbackDecoder ? new RunwiseByteFallback({ type: 'ByteFallback' }) : decoder;
}

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;

/**
 * A run of byte tokens becomes its UTF-8 text, or one U+FFFD per byte where it is not valid as a whole. The library's
 * replaces only the invalid parts, and drops a byte order mark.
 */
class RunwiseByteFallback extends ByteFallbackDecoder {
  override decode_chain(tokens: string[]): string[] {
    const texts: string[] = [];
    let run: number[] = [];
    for (const token of tokens) {
      const byte = BYTE_TOKEN.exec(token)?.[1];
      if (byte !== undefined) {
        run.push(parseInt(byte, 16));
        continue;
      }
      texts.push(textOfBytes(run), token);
      run = [];
    }
    return [...texts, textOfBytes(run)];
  }
}

function textOfBytes(bytes: readonly number[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return '\ufffd'.repeat(bytes.length);
  }
}
