import { CATALOGUE_DAY } from '#plugins/api';
import type { PoolView, PythonsView } from '#server/api';
import { pythonRows } from '../../../server/src/pythons/python-rows.ts';

/** Which Pythons the demo's projects ask for, by what they are called. */
const WISHES: Record<string, readonly string[]> = {
  attrs: ['3.9', '3.11', '3.13', 'pypy3.9', '3.14'],
  'cx_Oracle': ['2.7', '3.11', '3.11-32'],
  lmdb: ['2.7', '3.9', '3.11', '3.13', 'pypy3.9', 'nightly'],
  'python-dateutil': ['2.7', '3.4', '3.9', '3.11', 'acme-3.8@main'],
  cryptography: ['3.9', '3.11', '3.13', '3.13t'],
}; // prettier-ignore

/** The catalogue beside the demo's pools. */
export function demoPythons(pools: readonly PoolView[]): PythonsView {
  const images = pools.map(({ name, architecture, interpreters }) => ({
    name,
    image: { architecture, interpreters: interpreters.map((one) => ({ ...one, implementation: 'cpython', path: `/opt/${one.name}` })) },
  }));
  const wishes =
    pools.length === 0
      ? []
      : Object.entries(WISHES).flatMap(([project, asked], index) =>
          asked.map((interpreter) => ({ projectId: index + 1, project, interpreter, jobs: 2 })),
        );
  return { checkedOn: CATALOGUE_DAY, pythons: pythonRows(images, wishes) };
}
