import { decide, type Facts } from '../conditions/evaluate.ts';
import { type Expression, FACTS } from '../conditions/expression.ts';
import { parseCondition } from '../conditions/parser.ts';
import type { MessageLog } from '../document/messages.ts';
import type { Json, JsonObject } from '../document/value.ts';
import { isObject } from './json.ts';

/** What a condition decides about. */
type Subject = 'job' | 'stage' | 'exclude' | 'allow_failure';

const SUBJECTS: Readonly<Record<Subject, (number: number) => string>> = {
  job: (number) => `job #${number}`,
  stage: (number) => `stage #${number}`,
  exclude: (number) => `jobs exclude rule #${number}`,
  allow_failure: (number) => `jobs allow failure rule #${number}`,
};

/** Decides the conditions of one description for one change, and says what was left out. */
export class Judge {
  readonly #facts: JsonObject;
  readonly #log: MessageLog;
  /** A rule is asked for every job, and a job by every rule: conditions are parsed, and what is known of a job is put together, once. */
  readonly #parsed = new Map<string, Expression>();
  readonly #knownOf = new WeakMap<JsonObject, Facts>();

  /** `facts`: what is known of the change, by the names that conditions use. */
  constructor(facts: JsonObject, log: MessageLog) {
    this.#facts = facts;
    this.#log = log;
  }

  /** The branch being built. */
  get branch(): Json {
    return this.#facts['branch'] ?? null;
  }

  /**
   * Whether a condition holds, for a job or (stages) the whole configuration: what that says of itself, such as `os` and `env`, counts
   * before what the change says. No condition holds always.
   */
  accepts(subject: Subject, path: string, condition: Json | undefined, config: JsonObject, index = 0): boolean {
    if (condition === undefined || condition === null || typeof condition === 'object') return true;
    const text = String(condition);
    const decision = decide(text, this.#known(config), (one) => this.#parse(one));
    if (decision.holds) return true;
    const why = decision.problem === null ? '' : ` (${decision.problem})`;
    this.#log.info([path], `skipping ${SUBJECTS[subject](index + 1)} because its condition does not match: ${text}${why}`);
    return false;
  }

  #parse(condition: string): Expression {
    const expression = this.#parsed.get(condition) ?? parseCondition(condition);
    this.#parsed.set(condition, expression);
    return expression;
  }

  #known(config: JsonObject): Facts {
    const known = this.#knownOf.get(config) ?? this.#factsOf(config);
    this.#knownOf.set(config, known);
    return known;
  }

  #factsOf(config: JsonObject): Facts {
    const facts = Object.fromEntries(FACTS.map((name) => [name, config[name] ?? this.#facts[name] ?? null]));
    const env: JsonObject = {};
    for (const entry of entries(config['env'] ?? null)) Object.assign(env, entry);
    return { facts, env };
  }
}

/** The entries of an `env`, wherever it has them: at the root global and job ones count alike, as Travis has it. */
function entries(env: Json): JsonObject[] {
  if (Array.isArray(env)) return env.flatMap(entries);
  if (!isObject(env)) return [];
  const { global, jobs, matrix, ...own } = env;
  return [own, ...[global, jobs, matrix].flatMap((part) => (typeof part === 'object' ? entries(part) : []))];
}
