import type { Command, Variable } from '#plugins/api';

/** A tool that runs a project's tests on a Python of its own, `tox` or `nox`. */
export interface PythonTool {
  /** The name of its package, and of the module that `python -m` runs. */
  readonly name: string;
  /** What must be installed, as pip's requirement files say it: the tool itself first. A line each. */
  readonly requirements: readonly string[];
  /** It is wanted on the job's own Python, since that is the one it will use: others are only asked where it cannot be installed there. */
  readonly onOwnPython: boolean;
}

/** The command that finds or installs the tool, and leaves its Python in `TERRARIUM_TOOL_PYTHON`; and the variables that tell it what. For `sh`. */
export function findTool(tool: PythonTool): { readonly command: Command; readonly variables: Variable[] } {
  const variables = [
    { name: 'TERRARIUM_TOOL', value: tool.name, expand: false },
    { name: 'TERRARIUM_TOOL_REQUIREMENTS', value: tool.requirements.map((line) => line.replaceAll(/\s+/g, ' ')).join('\n'), expand: false },
    { name: 'TERRARIUM_TOOL_WHERE', value: tool.onOwnPython ? 'own' : 'any', expand: false },
  ];
  const written = { run: `pip install ${tool.requirements.map(shellWord).join(' ')}`, unneeded: variables.map(({ name }) => name) };
  return { command: { run: SCRIPT, title: `find or install ${tool.name}`, written }, variables };
}

/** What a person would write for a command, where that leaves no variable unread. */
export function byHand(run: string): NonNullable<Command['written']> {
  return { run, unneeded: [] };
}

function shellWord(text: string): string {
  return /^[A-Za-z0-9._=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Whether this Python has the tool, and (unless told `any`) all that is required beside it. Runs on every Python from 2.6 on. What has a condition
 * (`; python_version < "3"`) is left to the tool; of versions the numbers are compared.
 */
const CHECK = `
import os, re, sys
try:
    from importlib.metadata import version
except ImportError:
    from pkg_resources import get_distribution
    def version(name):
        return get_distribution(name).version

def numbers(text):
    found = [int(number) for number in re.findall("[0-9]+", text)][:4]
    return found + [0] * (4 - len(found))

def fits(there, specifier):
    match = re.match("(<=|>=|==|!=|~=|<|>) *([0-9][0-9.]*)", specifier.strip())
    if match is None:
        return True
    sign, text = match.groups()
    is_open = specifier.strip().endswith("*")
    length = len(re.findall("[0-9]+", text)) if is_open or sign == "~=" else 4
    a, b = numbers(there), numbers(text)
    if sign == "~=":
        return a >= b and a[:length - 1] == b[:length - 1]
    return {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b, "==": a[:length] == b[:length], "!=": a[:length] != b[:length]}[sign]

__import__(os.environ["TERRARIUM_TOOL"])
if sys.argv[1] != "any":
    for line in os.environ["TERRARIUM_TOOL_REQUIREMENTS"].splitlines():
        match = re.match("([A-Za-z0-9._-]+) *([[].*[]])? *([^;]*)(;.*)?$", line.strip())
        if match is None or match.group(4):
            continue
        there = version(match.group(1))
        if not all([fits(there, one) for one in match.group(3).strip("() ").split(",")]):
            sys.exit(1)
`;

/**
 * The job's own Python first, then (unless it is wanted there) the others of the machine; then it is installed: into the environment of the job's Python, or, where that is too old for
 * today's tools, into a new one of another. Where nothing can be installed, one that does not quite fit is better than none.
 */
const SCRIPT = `TERRARIUM_TOOL_PYTHON=$(
check='${CHECK}'
has() { "$1" -c "$check" "$2" >/dev/null 2>&1; }
is_new() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1; }
found() { printf '%s\\n' "$1"; exit 0; }
others() {
  IFS=:
  for place in $PATH; do
    if [ "$place" = "\${VIRTUAL_ENV-}/bin" ]; then continue; fi
    for one in "$place"/python3 "$place"/python3.[0-9] "$place"/python3.[0-9][0-9] "$place"/python; do
      if [ -x "$one" ]; then printf '%s\\n' "$one"; fi
    done
  done
  unset IFS
}
# pip_install PYTHON
pip_install() {
  if [ -n "\${VIRTUAL_ENV-}" ] && [ "$1" = "$VIRTUAL_ENV/bin/python" ] && [ -x "$VIRTUAL_ENV/bin/pip" ]; then
    "$VIRTUAL_ENV/bin/pip" install -r "$list" >&2
  else
    "$1" -m pip install -r "$list" >&2
  fi
}
folder=\${TMPDIR:-/tmp}/terrarium-tool
mkdir -p "$folder" || exit 1
list=$folder/requirements.txt
printf '%s\\n' "$TERRARIUM_TOOL_REQUIREMENTS" >"$list" || exit 1
others >"$folder/others" || exit 1
own=$(command -v python || command -v python3) || own=
if [ -n "$own" ] && has "$own" all; then found "$own"; fi
if [ "$TERRARIUM_TOOL_WHERE" = any ]; then
  while IFS= read -r one; do
    if has "$one" all; then found "$one"; fi
  done <"$folder/others"
fi
if [ -n "$own" ] && is_new "$own"; then
  if pip_install "$own"; then found "$own"; fi
else
  while IFS= read -r one; do
    if is_new "$one" && "$one" -m venv "$folder/python" >&2 && pip_install "$folder/python/bin/python"; then found "$folder/python/bin/python"; fi
  done <"$folder/others"
  if [ -n "$own" ] && pip_install "$own"; then found "$own"; fi
fi
if [ -n "$own" ]; then printf '%s\\n' "$own" | cat - "$folder/others" >"$folder/all"; else cat "$folder/others" >"$folder/all"; fi
while IFS= read -r one; do
  if has "$one" all; then
    echo "$TERRARIUM_TOOL could not be installed; the one of $one is taken." >&2
    found "$one"
  fi
done <"$folder/all"
while IFS= read -r one; do
  if has "$one" any; then
    echo "What is required could not be installed; $TERRARIUM_TOOL is taken as $one has it." >&2
    found "$one"
  fi
done <"$folder/all"
echo "There is no $TERRARIUM_TOOL on this machine, and it could not be installed. Put it into the image, or let jobs reach a package index." >&2
exit 1
) && export TERRARIUM_TOOL_PYTHON && echo "$TERRARIUM_TOOL: $TERRARIUM_TOOL_PYTHON"`;
