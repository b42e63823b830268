/**
 * The house's rules about who imports whom; docs/ARCHITECTURE.md says the same in words.
 * Tests, their fixtures and support may reach further (`TESTS`): they also use test/support and the suites of plugins/api/testing.
 */
const TESTS = String.raw`\.test\.ts$|/test-support\.ts$|/(fixtures|testing)/`;

function rule(name, comment, from, to) {
  return { name, severity: 'error', comment, from, to };
}

module.exports = {
  forbidden: [
    rule(
      'no-cycles',
      'Two files that need each other are one file, or hide a third.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    ),
    rule('no-missing', 'An import must lead somewhere.', {}, { couldNotResolve: true }),
    rule(
      'seams-import-zod-only',
      'An api/ holds interfaces, schemas and codes; it imports itself and zod.',
      { path: '^((?:plugins|agents|server)/api)/', pathNot: ['^plugins/api/testing/', TESTS] },
      { pathNot: ['^$1/', '^node_modules/zod/'] },
    ),
    rule(
      'suites-are-for-tests',
      'Contract suites and fakes are no part of what runs.',
      { path: '^(server|plugins|agents|web)/', pathNot: ['^plugins/api/testing/', TESTS] },
      { path: ['^plugins/api/testing/', '^test/', TESTS] },
    ),
    rule(
      'suites-import-the-seam',
      'A contract suite knows the seam, not who implements it.',
      { path: '^plugins/api/testing/' },
      { path: '^(server|plugins|agents|web|test)/', pathNot: '^plugins/api/' },
    ),
    rule(
      'plugins-stand-alone',
      'A plugin imports plugins/api, plugins/kit and its own folder.',
      { path: '^plugins/(?!api/|kit/)([^/]+)/', pathNot: TESTS },
      { path: '^(server|plugins|agents|web|test)/', pathNot: ['^plugins/$1/', '^plugins/(api|kit)/'] },
    ),
    rule(
      'plugin-tests-stand-alone',
      'The tests of a plugin may also use the support for tests.',
      { path: '^plugins/(?!api/|kit/)([^/]+)/.*(\\.test\\.ts$|/fixtures/)' },
      { path: '^(server|plugins|agents|web)/', pathNot: ['^plugins/$1/', '^plugins/(api|kit)/'] },
    ),
    rule(
      'kit-imports-the-seam',
      'What plugins share imports plugins/api only.',
      { path: '^plugins/kit/' },
      { path: '^(server|plugins|agents|web)/', pathNot: '^plugins/(kit|api)/' },
    ),
    rule(
      'agents-import-their-seam',
      'An agent imports agents/api, agents/kit and its own folder.',
      { path: '^agents/(?!(?:api|kit)/)([^/]+)/', pathNot: TESTS },
      { path: '^(server|plugins|agents|web|test)/', pathNot: ['^agents/$1/', '^agents/(api|kit)/'] },
    ),
    rule(
      'agents-kit-imports-the-seam',
      'What agents share imports agents/api only.',
      { path: '^agents/kit/', pathNot: TESTS },
      { path: '^(server|plugins|agents|web|test)/', pathNot: '^agents/(api|kit)/' },
    ),
    rule(
      'web-imports-its-seam',
      'The pages import server/api only.',
      { path: '^web/', pathNot: TESTS },
      { path: '^(server|plugins|agents|test)/', pathNot: '^server/api/' },
    ),
    rule(
      'core-imports-seams',
      'The core names no plugin and no agent, except in the one file each that lists them.',
      { path: '^server/src/', pathNot: [TESTS, '^server/src/plugins/builtin\\.ts$', '^server/src/execution/agents\\.ts$'] },
      { path: '^(plugins|agents|web|test)/', pathNot: ['^plugins/api/', '^agents/api/'] },
    ),
    rule(
      'the-list-of-plugins',
      'It names plugins by their index.',
      { path: '^server/src/plugins/builtin\\.ts$' },
      { path: '^(plugins|agents|web|test)/', pathNot: ['^plugins/[^/]+/index\\.ts$', '^plugins/api/'] },
    ),
    rule(
      'the-list-of-agents',
      'It names agents by their index.',
      { path: '^server/src/execution/agents\\.ts$' },
      { path: '^(plugins|agents|web|test)/', pathNot: ['^agents/[^/]+/index\\.ts$', '^(agents|plugins)/api/'] },
    ),
    rule(
      'common-imports-no-sibling',
      'What everything uses must use nothing of it.',
      { path: '^server/src/common/', pathNot: TESTS },
      { path: '^server/src/', pathNot: '^server/src/common/' },
    ),
    rule(
      'launcher-has-no-dependencies',
      'It runs before they are installed.',
      { path: '^server/launch/', pathNot: TESTS },
      { pathNot: '^server/launch/', dependencyTypesNot: ['core'] },
    ),
    rule(
      'no-tools-at-run-time',
      'What runs in the server must not need what is only installed for development.',
      { path: '^(server|plugins|agents)/', pathNot: ['^plugins/api/testing/', TESTS] },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|server/sample)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'require', 'node', 'default'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main'],
    },
  },
};
