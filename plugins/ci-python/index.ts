import { definePlugin } from '#plugins/api';
import { PythonConfig } from './config.ts';
import { PythonProvider } from './python-provider.ts';

/** Plans Python projects that have no CI description. */
export default definePlugin({ id: 'ci-python', api: '^1.0.0', config: PythonConfig, provides: { ci: PythonProvider } });
