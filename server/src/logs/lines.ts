/** The byte that ends a line. */
export const LINE_FEED = 10;

/** How many line feeds there are in `bytes`. */
export function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === LINE_FEED) count += 1;
  return count;
}
