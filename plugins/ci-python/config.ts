import { z } from 'zod';

/** There is nothing to set for an instance of this plugin. */
export const PythonConfig = z.strictObject({});
