import type { Pool } from 'pg';
import { CATALOGUE_DAY } from '#plugins/api';
import type { PythonsView } from '#server/api';
import type { Readable } from '../auth/rights.ts';
import { type PythonPool, pythonRows } from './python-rows.ts';
import { wishes } from './sql/wishes.ts';

/** Which Pythons there are, where, and who asks for them. */
export class PythonViews {
  /** `pools`: as they are now, with what forks have published for their images. */
  constructor(
    private readonly database: Pool,
    private readonly pools: () => readonly PythonPool[],
  ) {}

  /** `readable`: the projects that are told of. */
  async all(readable: Readable): Promise<PythonsView> {
    return { checkedOn: CATALOGUE_DAY, pythons: pythonRows(this.pools(), await wishes(this.database, readable)) };
  }
}
