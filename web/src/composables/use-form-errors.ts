import type { Problem } from '#server/api';
import { ref, type Ref } from 'vue';
import type { z } from 'zod';
import { formSentence } from '../lib/form-sentences.ts';

/**
 * A form checked as the server does it, by the same schema. `check` answers the body if it fits; `errorAt` says what is wrong at a
 * dotted path, by our check or by the server's answer. Paths are matched from their beginning.
 */
export function useFormErrors<T>(
  schema: z.ZodType<T>,
  problem: Ref<Problem | null>,
): { errorAt: (path: string) => string; check: (input: unknown) => T | null } {
  const errors = ref<{ path: string; message: string }[]>([]);

  function check(input: unknown): T | null {
    const parsed = schema.safeParse(input, { error: formSentence });
    errors.value = parsed.success ? [] : parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    return parsed.success ? parsed.data : null;
  }

  function errorAt(path: string): string {
    const all = [...errors.value, ...(problem.value?.errors ?? [])];
    return all.find((error) => error.path === path || error.path.startsWith(`${path}.`))?.message ?? '';
  }

  return { errorAt, check };
}
