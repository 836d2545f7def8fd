import { z } from 'zod';
import { InputError, MIB, readText } from '../engine/index.js';

/** No model's configuration, index or tokenizer comes near it. */
const JSON_LIMIT_BYTES = 100 * MIB;

const objectSchema = z.record(z.string(), z.unknown());

/**
 * Parses a file that holds one JSON object. Python's NaN and Infinity, which are no JSON, become objects as transformers 5 writes them:
 * `{"__float__": "Infinity"}`. Whoever needs a number there complains.
 * @throws InputError naming the file.
 */
export function readJsonObject(file: string): Record<string, unknown> {
  const text = readText(file, JSON_LIMIT_BYTES);
  try {
    return objectSchema.parse(parse(text));
  } catch (error) {
    const reason = error instanceof SyntaxError ? ` (${error.message.replace(/\s+/g, ' ')})` : '';
    throw new InputError(`${file} is not a JSON object${reason}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const strict = withoutPythonFloats(text);
    if (strict === text) throw error;
    return JSON.parse(strict);
  }
}

/** A string, closed or not, so that what is in it is left alone, or one of Python's literals. */
const STRING_OR_FLOAT = /"(?:[^"\\]|\\.)*"?|-?\bInfinity\b|\bNaN\b/gs;

const withoutPythonFloats = (text: string): string =>
  text.replace(STRING_OR_FLOAT, (part) => (part.startsWith('"') ? part : `{"__float__":"${part}"}`));
