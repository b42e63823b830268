import type { PoolClient } from 'pg';

/** A job that got a machine: a new attempt, owned by the instance that asked. */
export interface AssignedAttempt {
  readonly attemptId: number;
  readonly jobId: number;
  readonly buildId: number;
  readonly number: number;
  readonly machineId: string;
}

/**
 * Gives queued jobs their ready machines and begins their attempts, in one statement: each pair is taken whole or not at all. A pair whose
 * job is no longer queued or whose machine is no longer ready is passed over. The attempt keeps where its machine is and what it was made
 * from: the machine's own row does not outlive it.
 */
export async function assignJobs(
  client: PoolClient,
  owner: string,
  leaseSeconds: number,
  pairs: readonly { readonly jobId: number; readonly machineId: string; readonly isolation: string }[],
): Promise<AssignedAttempt[]> {
  const { rows } = await client.query<AssignedAttempt>({
    name: 'assign-jobs',
    text: `with wanted as (select * from unnest($3::int[], $4::text[], $5::text[]) as w (job_id, machine_id, isolation)),
       locked as (
         select j.id, w.machine_id, w.isolation from jobs j join wanted w on w.job_id = j.id
         where j.state = 'queued' and j.id = any($3) for update of j skip locked),
       taken as (
         update machines m set state = 'assigned', since = now() from locked l
         where m.id = l.machine_id and m.state = 'ready' and m.owner = $1 returning m.id, m.host, m.image, m.image_digest),
       moved as (
         update jobs j set state = 'starting', reason = null, attempt = j.attempt + 1, started_at = now(), finished_at = null
         from locked l join taken t on t.id = l.machine_id where j.id = any($3) and j.id = l.id
         returning j.id, j.build_id, j.attempt, l.machine_id, l.isolation, t.host, t.image, t.image_digest),
       begun as (
         insert into attempts (job_id, number, state, owner, lease_until, machine_id, isolation, host, image, image_digest, started_at)
         select id, attempt, 'starting', $1, now() + make_interval(secs => $2), machine_id, isolation, host, image, image_digest, now()
         from moved
         returning id, job_id, number, machine_id)
     select b.id as "attemptId", b.job_id as "jobId", m.build_id as "buildId", b.number, b.machine_id as "machineId"
     from begun b join moved m on m.id = b.job_id`,
    values: [owner, leaseSeconds, pairs.map((pair) => pair.jobId), pairs.map((pair) => pair.machineId), pairs.map((pair) => pair.isolation)],
  });
  return rows;
}

/** Says that builds have begun, once their first job has. Returns those that had not before. */
export async function beginBuilds(client: { query: PoolClient['query'] }, buildIds: readonly number[]): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>({
    name: 'begin-builds',
    text: `update builds set state = 'running', started_at = coalesce(started_at, now()) where id = any($1) and state = 'queued' returning id`,
    values: [buildIds],
  });
  return rows.map((row) => row.id);
}
