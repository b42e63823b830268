/**
 * A text of several lines as the commands it is: AppVeyor hands cmd one line after the other, and looks at the errorlevel after each. Lines
 * stay together where cmd itself waits for more: after a caret at the end, and until the parenthesis is closed that ends a line.
 */
export function cmdLines(text: string): string[] {
  const commands: string[] = [];
  let open = 0;
  let goesOn = false;
  for (const line of text.split(/\r?\n/)) {
    if (open > 0 || goesOn) commands.push(`${commands.pop() ?? ''}\n${line}`);
    else if (line.trim() !== '') commands.push(line);
    if (/^\s*\)/.test(line)) open = Math.max(0, open - 1);
    if (/\(\s*$/.test(line)) open += 1;
    goesOn = line.endsWith('^');
  }
  return commands.map((command) => command.trimEnd());
}
