import type { Command } from '#plugins/api';

interface Defaults {
  readonly install?: readonly Command[];
  readonly script?: readonly Command[];
}

const PYTHON: Defaults = {
  install: [
    {
      title: 'pip install -r requirements.txt',
      run: `if [ -f Requirements.txt ]; then
  travis_retry pip install -r Requirements.txt
elif [ -f requirements.txt ]; then
  travis_retry pip install -r requirements.txt
else
  echo 'There is no requirements.txt. Set "install:" in .travis.yml to install what the tests need.'
fi`,
    },
  ],
  script: [
    {
      title: 'script',
      run: `echo 'Nothing says how to run the tests. Set "script:" in .travis.yml.' >&2
false`,
    },
  ],
};

const GRADLE_OR_MAVEN: Defaults = {
  install: [
    {
      title: 'install',
      run: `if [ -x ./gradlew ]; then ./gradlew assemble
elif [ -f build.gradle ]; then gradle assemble
elif [ -x ./mvnw ]; then ./mvnw install -DskipTests=true -Dmaven.javadoc.skip=true -B -V
elif [ -f pom.xml ]; then mvn install -DskipTests=true -Dmaven.javadoc.skip=true -B -V
fi`,
    },
  ],
  script: [
    {
      title: 'script',
      run: `if [ -x ./gradlew ]; then ./gradlew check
elif [ -f build.gradle ]; then gradle check
elif [ -x ./mvnw ]; then ./mvnw test -B
elif [ -f pom.xml ]; then mvn test -B
else ant test
fi`,
    },
  ],
};

const CONFIGURE_AND_MAKE: Defaults = { script: [{ run: './configure && make && make test' }] };

/** By language: what Travis runs for a phase that a description leaves out. Source: travis-build, lib/travis/build/script/. */
const DEFAULTS: Readonly<Record<string, Defaults>> = {
  python: PYTHON,
  c: CONFIGURE_AND_MAKE,
  cpp: CONFIGURE_AND_MAKE,
  java: GRADLE_OR_MAVEN,
  groovy: GRADLE_OR_MAVEN,
  node_js: {
    install: [{ title: 'npm install', run: 'if [ -f yarn.lock ]; then yarn --frozen-lockfile; elif [ -f package.json ]; then npm install; fi' }],
    script: [{ title: 'npm test', run: 'if [ -f package.json ]; then npm test; else make test; fi' }],
  },
  ruby: {
    install: [{ title: 'bundle install', run: 'if [ -f "${BUNDLE_GEMFILE:-Gemfile}" ]; then travis_retry bundle install --jobs=3 --retry=3; fi' }],
    script: [{ title: 'rake', run: 'if [ -f "${BUNDLE_GEMFILE:-Gemfile}" ]; then bundle exec rake; else rake; fi' }],
  },
  go: { install: [{ run: 'travis_retry go get -t -v ./...' }], script: [{ run: 'go test -v ./...' }] },
  rust: { install: [{ run: 'cargo build --verbose' }], script: [{ run: 'cargo test --verbose' }] },
  php: { script: [{ run: 'phpunit' }] },
  perl: { script: [{ run: 'perl Makefile.PL && make test' }] },
};

/** What is run for a phase of which a description says nothing. */
export function defaultCommands(language: string, phase: string): Command[] {
  const defaults = Object.hasOwn(DEFAULTS, language) ? DEFAULTS[language] : undefined;
  if (phase !== 'install' && phase !== 'script') return [];
  return [...(defaults?.[phase] ?? [])];
}
