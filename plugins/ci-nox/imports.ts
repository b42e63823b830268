import type { Report } from '#plugins/kit/yaml/report';
import type { Noxfile } from './read/noxfile.ts';

/** Modules of Python's own that noxfiles use, and nox's. */
const KNOWN = new Set(
  (
    '__future__ argparse ast asyncio base64 builtins collections configparser contextlib copy csv dataclasses datetime difflib enum errno filecmp fnmatch functools ' +
    'glob gzip hashlib html http importlib inspect io itertools json locale logging math multiprocessing operator os pathlib pickle platform pprint queue random re ' +
    'secrets select shlex shutil signal site socket sqlite3 ssl stat string subprocess sys sysconfig tarfile tempfile textwrap threading time token tokenize tomllib ' +
    'traceback types typing unittest urllib uuid venv warnings weakref webbrowser xml zipfile zlib nox nox_poetry nox_uv packaging'
  ).split(' '),
);

/** nox must import what a noxfile imports: what is not of Python's own may have to be in the image. */
export function sayImports({ imports }: Noxfile, report: Report): void {
  const others = [...imports].filter((name) => !KNOWN.has(name));
  if (others.length === 0) return;
  report.info(
    '',
    null,
    `The noxfile imports ${others.join(', ')}: where that is neither beside it nor of Python's own, nox needs it on the machine.`,
  );
}
