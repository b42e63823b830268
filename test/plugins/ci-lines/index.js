// A plugin from outside is a package of plain JavaScript whose default export is the definition. It needs nothing of Terrarium's at run
// time; for its types, see `Plugin` and `CiProvider` in Terrarium's plugins/api.
import { z } from 'zod';
import { LinesCi } from './provider.js';

export default {
  id: 'ci-lines',
  api: '^1.0.0',
  config: z.strictObject({
    /** The file to read. */
    file: z.string().min(1).default('ci.txt'),
    interpreter: z.string().nullable().default(null),
  }),
  provides: { ci: LinesCi },
};
