/** Demo times are told from the moment the demo starts, so that pages show `3 min ago` whenever they are looked at. */
const START = Date.now();

/** A moment some seconds before the demo's start. */
export function ago(seconds: number): string {
  return new Date(START - seconds * 1000).toISOString();
}
