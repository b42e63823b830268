import type { Session } from '../session.ts';

const DECODER = new TextDecoder();

/** Bytes as text; for assertions. */
export function text(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}

/** Runs a command and waits: its exit code and all it wrote. */
export async function run(
  session: Session,
  argv: readonly string[],
  signal = new AbortController().signal,
): Promise<{ exitCode: number; output: string }> {
  const chunks: Uint8Array[] = [];
  const result = await session.exec(argv, { signal, onOutput: (chunk) => void chunks.push(Uint8Array.from(chunk)) });
  return { exitCode: result.exitCode, output: text(Buffer.concat(chunks)) };
}

/** All bytes of a stream, or those up to `enough`, after which the stream is closed. */
export async function collect(stream: AsyncIterable<Uint8Array>, enough: (soFar: Uint8Array) => boolean = () => false): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(Uint8Array.from(chunk));
    if (enough(Buffer.concat(chunks))) break;
  }
  return Buffer.concat(chunks);
}

/** For `collect`: whether the text so far contains `wanted`. */
export function hasText(wanted: string): (soFar: Uint8Array) => boolean {
  return (soFar) => text(soFar).includes(wanted);
}
