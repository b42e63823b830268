const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SAFE_TREE = /^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/;

/** Throws for a name that is none, or a value that no environment can hold. */
export function checkVariable(name: string, value: string): void {
  if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a variable.`);
  if (value.includes('\0')) throw new Error(`The value of ${name} holds a NUL character, which no environment can.`);
}

/** Throws for a work tree that is no place below the job's home. */
export function checkWorkTree(workTree: string): void {
  if (!SAFE_TREE.test(workTree)) throw new Error(`${JSON.stringify(workTree)} is no place for a work tree.`);
}

/** Throws for a command that no shell reads. */
export function checkCommand(phase: string, run: string): void {
  if (run.includes('\0')) throw new Error(`A command of ${phase} holds a NUL character, which no shell reads.`);
}

/** A title as the log shows it: a NUL or a stray carriage return in it would only confuse. */
export function printable(title: string): string {
  return title.replaceAll(/[\0\r]/g, ' ');
}

/** The variables by which every job may ask where its work tree is; the names of Travis and AppVeyor are what projects know. */
export function placeVariables(tree: string): { name: string; value: string }[] {
  return ['TRAVIS_BUILD_DIR', 'APPVEYOR_BUILD_FOLDER', 'TERRARIUM_BUILD_DIR'].map((name) => ({ name, value: tree }));
}
