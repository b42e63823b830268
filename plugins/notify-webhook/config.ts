import { z } from 'zod';

/** How an instance calls programs. Everything has a default. */
export const WebhookConfig = z
  .object({
    /** How long one call may take. */
    timeoutSeconds: z.number().positive().max(300).default(15),
    /** Whether programs in the server's own network may be called. Whoever maintains a project then can make the server send notices to any of them. */
    allowPrivate: z.boolean().default(false),
  })
  .strict();
export type WebhookConfig = z.infer<typeof WebhookConfig>;
