import { join } from 'node:path';
import type { JobSpec, Message } from '#plugins/api';
import { grid } from './grid.ts';
import { paint, type Paint } from './paint.ts';
import { plain } from './plain.ts';
import type { Planned } from './read.ts';

/** What of the terminal counts here. */
export interface Terminal {
  readonly colors: boolean;
  /** Null: no terminal; lines may have any length. */
  readonly width: number | null;
}

/** A plan for people: the matrix of each stage, then what there is to say, with file, line and column. Ends with an empty line. */
export function table(planned: Planned, terminal: Terminal): string {
  const { file, title, plan } = planned;
  const color = paint(terminal.colors);
  const count = plan.jobs.length === 1 ? '1 job' : `${plan.jobs.length} jobs`;
  const head = [color.bold(plain(file)), ...(title === null ? [] : [title]), ...(title === null ? [] : [count])].join('  ');
  const stages = plan.stages.flatMap((stage) => stageLines(stage, plan.jobs, plan.stages.length > 1, terminal, color));
  const legend = plan.jobs.some(({ allowFailure }) => allowFailure) ? ['', color.dim('○ may fail')] : [];
  const messages = plan.messages.map((message) => messageLine(placeOf(planned, message), message, color));
  return [head, ...stages, ...legend, ...(messages.length > 0 ? ['', ...messages] : []), '', ''].join('\n');
}

function stageLines(stage: string, all: readonly JobSpec[], several: boolean, terminal: Terminal, color: Paint): string[] {
  const jobs = all.filter((job) => job.stage === stage);
  if (jobs.length === 0) return [];
  const lines = grid(jobs, terminal.width) ?? jobs.map(({ name, allowFailure }) => `${allowFailure ? '○' : '●'} ${plain(name)}`);
  return ['', ...(several ? [color.bold(plain(stage))] : []), ...lines.map((line) => (several ? `  ${line}` : line))];
}

/** Messages of a plan for people, a line each with its place; empty where there are none. */
export function messageLines(planned: Pick<Planned, 'file' | 'folder'>, messages: readonly Message[], terminal: Pick<Terminal, 'colors'>): string {
  const color = paint(terminal.colors);
  return messages.map((message) => `${messageLine(placeOf(planned, message), message, color)}\n`).join('');
}

/** The file that a message is about, as the argument leads to it. */
function placeOf({ file, folder }: Pick<Planned, 'file' | 'folder'>, message: Message): string {
  return message.file === undefined || folder === null ? file : join(folder, message.file);
}

function messageLine(file: string, { level, text, path, line, column }: Message, color: Paint): string {
  const place = [plain(file), ...(line === null ? [] : [line]), ...(line === null || column === null ? [] : [column])].join(':');
  const tint = { error: color.red, warning: color.yellow, info: color.dim }[level];
  return `${place}: ${tint(level)}: ${path === '' ? '' : `${plain(path)}: `}${plain(text)}`;
}
