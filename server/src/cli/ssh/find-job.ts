import { z } from 'zod';
import { BuildSummary, BuildView, ProjectView } from '#server/api';
import { UsageError } from '../verb.ts';
import type { ServerClient } from '../server-client.ts';

/** A job as somebody names it. */
export type JobName =
  | { readonly kind: 'id'; readonly id: number; /** Of its page, where that was given. */ readonly server: string | null }
  | { readonly kind: 'number'; readonly project: string | null; readonly build: number; readonly position: number };

const Id = z.coerce.number().int().positive().max(2_147_483_647);

/** Reads a job's name: its id, `BUILD.POSITION`, `PROJECT/BUILD.POSITION`, or its page's URL. Throws a `UsageError`. */
export function readJobName(text: string): JobName {
  const page = /^(https?:\/\/[^?#]+?)\/jobs\/(\d+)\/?(?:[?#].*)?$/.exec(text);
  if (page) return { kind: 'id', id: idOf(page[2], text), server: page[1] ?? null };
  if (/^\d+$/.test(text)) return { kind: 'id', id: idOf(text, text), server: null };
  const number = /^(?:([^\s]+)\/)?(\d+)\.(\d+)$/.exec(text);
  if (number) return { kind: 'number', project: number[1] ?? null, build: idOf(number[2], text), position: idOf(number[3], text) };
  throw new UsageError(`${text} names no job: say its id (12), its number (34.2 or PROJECT/34.2), or the URL of its page.`);
}

function idOf(digits: string | undefined, text: string): number {
  const id = Id.safeParse(digits);
  if (id.success) return id.data;
  throw new UsageError(`${text} names no job: there is no number ${digits}.`);
}

/** The id of a job. Throws a sentence where a number names none, or one in several projects. */
export async function findJob(name: JobName, client: ServerClient): Promise<number> {
  if (name.kind === 'id') return name.id;
  const projects = await client.ask(z.array(ProjectView), '/api/projects');
  const asked = projects.filter((project) => name.project === null || project.name === name.project);
  if (asked.length === 0) throw new Error(`There is no project ${name.project ?? ''} on this server.`);
  const builds = (await Promise.all(asked.map((project) => buildOf(client, project.id, name.build)))).filter((build) => build !== null);
  const [build, ...others] = builds;
  if (build === undefined) throw new Error(`There is no build ${name.build}${name.project === null ? '' : ` of ${name.project}`}.`);
  if (others.length > 0) {
    const names = builds.map((one) => `${one.projectName}/${name.build}.${name.position}`).join(', ');
    throw new Error(`Several projects have a build ${name.build}; say which: ${names}.`);
  }
  const job = (await client.ask(BuildView, `/api/builds/${build.id}`)).jobs.find((one) => one.position === name.position);
  if (job === undefined) throw new Error(`Build ${name.build} of ${build.projectName} has no job ${name.position}.`);
  return job.id;
}

async function buildOf(client: ServerClient, projectId: number, number: number): Promise<BuildSummary | null> {
  const [newest] = await client.ask(z.array(BuildSummary), `/api/projects/${projectId}/builds?before=${number + 1}&limit=1`);
  return newest?.number === number ? newest : null;
}
