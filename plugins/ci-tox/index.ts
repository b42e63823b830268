import { definePlugin } from '#plugins/api';
import { ToxConfig } from './config.ts';
import { ToxProvider } from './tox-provider.ts';

/** Reads what tox runs: `tox.ini`, `tox.toml`, and what `setup.cfg` and `pyproject.toml` say for it. */
export default definePlugin({ id: 'ci-tox', api: '^1.0.0', config: ToxConfig, provides: { ci: ToxProvider } });
