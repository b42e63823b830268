import { type Extension, type ExtensionPoint, type ExtensionPoints, PLUGIN_API_VERSION } from '#plugins/api';
import { z } from 'zod';
import { sentence } from '../config/index.ts';
import { inRange } from './range.ts';

/** The extension points that the core knows. */
const Point = z.enum(['scm', 'runner', 'ci', 'licenses', 'notifier']) satisfies z.ZodType<ExtensionPoint>;

/** What the core will call, by extension point; the compiler complains when a point is missing. */
const METHODS: { readonly [Point in ExtensionPoint]: readonly (keyof ExtensionPoints[Point])[] } = {
  scm: ['matches', 'identify', 'refs', 'resolve', 'change', 'readFiles', 'checkout'],
  runner: ['describe', 'create', 'destroy', 'list', 'connect'],
  ci: ['parse'],
  licenses: ['count'],
  notifier: ['targetProblem', 'notify'],
};

/** The methods that an object lacks to be an extension at `point`. */
export function missingMethods(point: ExtensionPoint, value: object): string[] {
  const methods: readonly string[] = METHODS[point];
  return methods.filter((name) => typeof Reflect.get(value, name) !== 'function');
}

/** Whether an object has all that the core will call. That it keeps the interface's promises is for the contract suites. */
export function isExtension<P extends ExtensionPoint>(point: P, value: object): value is ExtensionPoints[P] & Extension {
  return missingMethods(point, value).length === 0;
}

/** What comes of checking an instance's configuration: a part of what zod gives, of whatever version or copy of zod. */
const ParseResult = z.union([
  z.object({ success: z.literal(true), data: z.unknown() }),
  z.object({
    success: z.literal(false),
    error: z.object({
      issues: z.array(
        z.object({ message: z.string(), path: z.array(z.union([z.string(), z.number(), z.symbol()])), keys: z.array(z.string()).optional() }),
      ),
    }),
  }),
]);
export type ParseResult = z.output<typeof ParseResult>;

type Parse = (value: unknown, options: { readonly error: typeof sentence }) => unknown;
type Construct = new (context: unknown) => unknown;
const isFunction = (value: unknown): boolean => typeof value === 'function';
const Schema = z.object({ safeParse: z.custom<Parse>(isFunction, 'must be a zod schema') });
const Class = z.custom<Construct>(isFunction, 'must be a class');

/** A plugin's definition as a module of unknown make exports it. */
const Definition = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be small letters, digits and dashes'),
  api: z.string(),
  // A schema's method needs its schema, so the object itself must stay.
  config: z.custom<{ safeParse: Parse }>((value) => Schema.safeParse(value).success, 'must be a zod schema'),
  provides: z.partialRecord(Point, Class),
});

/** A plugin that may be used. */
export interface Declaration {
  readonly id: string;
  readonly classes: ReadonlyMap<ExtensionPoint, Construct>;
  parse(config: unknown): ParseResult;
}

/** Checks what a module exports. Gives the plugin, or what is wrong with it, all at once. Never throws. */
export function readDeclaration(module: unknown, expectedId: string): Declaration | { readonly problems: readonly string[] } {
  const definition = Definition.safeParse(defaultExport(module), { error: sentence });
  if (!definition.success) {
    return {
      problems: definition.error.issues.map(({ path, message }) => `its default export is no plugin: ${path.join('.') || 'it'}: ${message}.`),
    };
  }
  const { id, api, config, provides } = definition.data;
  const classes = new Map(Point.options.flatMap((point) => (provides[point] === undefined ? [] : [[point, provides[point]] as const])));
  const problems = [...idProblems(id, expectedId), ...rangeProblems(api), ...(classes.size === 0 ? ['it provides nothing.'] : [])];
  return problems.length > 0 ? { problems } : { id, classes, parse: (value) => ParseResult.parse(config.safeParse(value, { error: sentence })) };
}

function defaultExport(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
}

function idProblems(id: string, expected: string): string[] {
  return id === expected ? [] : [`its id is "${id}", but by its place it must be "${expected}".`];
}

function rangeProblems(api: string): string[] {
  const fits = inRange(PLUGIN_API_VERSION, api);
  if (fits === null) return [`its api is "${api}", but must be a range like "^${PLUGIN_API_VERSION}".`];
  return fits ? [] : [`it was written for version ${api} of the plugin interface, but this is ${PLUGIN_API_VERSION}: update the older of the two.`];
}
