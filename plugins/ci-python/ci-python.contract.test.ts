import { describeCiProvider } from '#plugins/api/testing';
import { PythonProvider } from './python-provider.ts';

const FULL = `
[build-system]
requires = ["hatchling>=1.5", "hatch-vcs"]
build-backend = "hatchling.build"

[project]
name = "engine"
dynamic = ["version"]
requires-python = ">=3.9"
classifiers = [
  "Programming Language :: Python :: 3.9",
  "Programming Language :: Python :: 3.13",
  "Programming Language :: Python :: Implementation :: PyPy",
]
dependencies = ["cards; python_version < '3.11'"]

[project.optional-dependencies]
test = ["pytest>=7"]

[tool.pytest.ini_options]
testpaths = ["tests"]
`;

const POETRY = `
[tool.poetry]
name = "engine"
[tool.poetry.dependencies]
python = "~2.7 || ^3.6"
[tool.poetry.group.test.dependencies]
pytest = "^7.0"
cards = { version = "*", markers = "python_version < '3'" }
`;

describeCiProvider('PythonProvider', () => ({
  provider: new PythonProvider(),
  right: ['[project]\nname = "engine"\n', FULL, POETRY],
  wrong: ['[project', 'a = ', '[project]\nname = "engine\n', 'a = 1\na = 2\n'],
}));
