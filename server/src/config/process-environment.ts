/** The environment of this process: the only place that touches `process.env`. A copy, so that nothing can be set by accident. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}
