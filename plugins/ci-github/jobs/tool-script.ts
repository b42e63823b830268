import type { Treatment } from './actions.ts';

/**
 * Python source that does what an action does whose tool is a package: installs it where it is not there, and runs it. With `uvPython` uv is told of that Python in all later steps, as
 * astral-sh/setup-uv does. Null: there is nothing to do.
 */
export function toolScript({ tool, run }: Extract<Treatment, { kind: 'python' }>, uvPython: string | null): string | null {
  if (tool === null) return null;
  const name = JSON.stringify(tool);
  const lines = [
    'import os, shutil, subprocess, sys',
    `if shutil.which(${name}) is None:`,
    `    subprocess.check_call([sys.executable, "-m", "pip", "install", ${name}])`,
    ...(uvPython === null
      ? []
      : [`with open(os.environ["GITHUB_ENV"], "a") as file:`, `    file.write("UV_PYTHON=" + ${JSON.stringify(uvPython)} + "\\n")`]),
    ...(run === null ? [] : [`sys.exit(subprocess.call(${JSON.stringify([tool, ...run])}))`]),
  ];
  return lines.join('\n');
}
