import { z } from 'zod';
import type { Topic } from '#server/api';

const LARGEST_ID = 2_147_483_647;

/** A topic as a client may name it. The id is one that PostgreSQL could have given: no sign, no fraction, no leading zero, none beyond its integers. */
export const TopicInput = z.union([
  z.enum(['projects', 'queue', 'machines']),
  z
    .templateLiteral([z.enum(['project', 'build', 'job', 'log']), ':', z.number().int().positive()])
    .refine((topic) => /:[1-9][0-9]{0,9}$/.test(topic) && Number(topic.split(':')[1]) <= LARGEST_ID, 'must be an id, a whole number from 1'),
]) satisfies z.ZodType<Topic>;
