const NAMES: Readonly<Record<string, string>> = { github: 'GitHub' };

/** A code host's name as people write it; one that is not known here as the server calls it. */
export function hostName(host: string): string {
  return NAMES[host] ?? host;
}
