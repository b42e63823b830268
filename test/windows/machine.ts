import { z } from 'zod';

/** The machine that `run.mjs` was told; see there. */
const Machine = z.strictObject({
  host: z.string(),
  port: z.number().int(),
  user: z.string(),
  privateKeyFile: z.string(),
  hostKey: z.string(),
  folder: z.string(),
});

/** Gives it; throws where these tests were started otherwise than by `npm run test:windows`. */
export function machineToTest(): z.infer<typeof Machine> {
  const text = process.env['TERRARIUM_TEST_WINDOWS'];
  if (text === undefined) throw new Error('These tests need a Windows machine: npm run test:windows -- --host ...');
  return Machine.parse(JSON.parse(text));
}
