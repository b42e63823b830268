import type { CoreParts } from './assemble.ts';

/** What the server says when it is there: its address, and a link that signs the admin in once. */
export async function greeting(parts: CoreParts, address: string, tookMs: number): Promise<string> {
  const { publicUrl } = parts.config;
  const base = publicUrl ?? address.replace('//0.0.0.0:', '//localhost:').replace('//[::]:', '//localhost:').replace('//127.0.0.1:', '//localhost:');
  const code = await parts.auth.links.createLoginCode();
  return [
    '',
    `  Terrarium is ready after ${(tookMs / 1000).toFixed(1)} s`,
    '',
    `  Address   ${base}`,
    `  Sign in   ${base}/login?code=${code}`,
    '            (good once, for a day; each start prints a new one)',
    `  Data      ${parts.config.dataFolder}`,
    '',
    '',
  ].join('\n');
}
