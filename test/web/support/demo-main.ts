import { fileURLToPath } from 'node:url';
import { startDemo } from './demo-server.ts';

/** The demo for looking at pages by hand, started by loading this file: `DEMO_PORT`, `DEMO_EMPTY=1`, `DEMO_LINES=1000000`. */
export const demo = await startDemo({
  pages: fileURLToPath(new URL('../../../dist/web', import.meta.url)),
  port: Number(process.env['DEMO_PORT'] ?? 8090),
  isEmpty: process.env['DEMO_EMPTY'] === '1',
  longLines: Number(process.env['DEMO_LINES'] ?? 1_000_000),
});
console.log(`The demo is at ${demo.url}`);
