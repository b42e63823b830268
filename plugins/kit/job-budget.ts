/** A description asks for more than is done for one. The message is a sentence or two that say what to do. */
export class TooMuch extends Error {}

/** Things that are read, made or compared: values of a description, times the jobs that get them. */
const MOST_WORK = 500_000;
/** Characters of texts, times the jobs that get them. */
const MOST_TEXT = 20_000_000;

/**
 * What the expansion of one CI description may come to, however few lines ask for it. It is asked before each part is made, so that whatever is beyond it never is: the process that plans
 * serves everybody, and a pull request is anybody's.
 */
export class JobBudget {
  readonly #maximumJobs: number;
  #jobs = 0;
  #work = 0;
  #text = 0;

  constructor(maximumJobs: number) {
    this.#maximumJobs = maximumJobs;
  }

  /** Things that were asked for so far. */
  get spent(): number {
    return this.#work;
  }

  /** Throws `TooMuch` where `count` more jobs are more than may be. */
  jobs(count: number): void {
    this.#jobs += count;
    if (this.#jobs <= this.#maximumJobs) return;
    throw new TooMuch(`This makes ${this.#jobs} jobs or more, but at most ${this.#maximumJobs} are allowed here. Take something out of the matrix.`);
  }

  /** Throws `TooMuch` where `count` more things to read, make or compare are more than may be. */
  work(count: number): void {
    this.#work += count;
    if (this.#work <= MOST_WORK) return;
    throw new TooMuch(`What this says, for all its jobs together, is too much to be worked out: more than ${MOST_WORK} things. Make it shorter.`);
  }

  /** Throws `TooMuch` where so many characters more are more than may be. */
  text(characters: number): void {
    this.#text += characters;
    if (this.#text <= MOST_TEXT) return;
    throw new TooMuch(
      `All jobs together would get more than ${MOST_TEXT} characters of commands and variables: too much text for so many. Put long commands into files.`,
    );
  }
}

/** What `use` makes; `otherwise`, where that would be too much, which `say` is given. */
export function withinBudget<T>(use: () => T, otherwise: T, say: (problem: string) => void): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    say(error.message);
    return otherwise;
  }
}
