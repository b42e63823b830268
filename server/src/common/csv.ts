/** What a program for tables may take for the beginning of a formula, which then runs on the computer of whoever opens the file (CWE-1236). */
const FORMULA = /^[=+\-@\t\r\n]/;

/** A row of a table as RFC 4180 writes it, with its end of line. A cell that looks like a formula gets an apostrophe before it, which makes it text. */
export function csvRow(cells: readonly (string | number)[]): string {
  return `${cells.map(writeCell).join(',')}\r\n`;
}

function writeCell(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
