import { z } from 'zod';
import type { Topic } from '#server/api';

/** A topic as a client may name it. */
export const TopicInput = z.union([
  z.enum(['projects', 'queue', 'machines']),
  z.templateLiteral([z.enum(['project', 'build', 'job', 'log']), ':', z.number().int().positive()]),
]) satisfies z.ZodType<Topic>;
