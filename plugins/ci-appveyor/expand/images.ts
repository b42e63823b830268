/** What runs on an image of AppVeyor's. */
export type System = 'windows' | 'linux' | 'macos';

/** The image of a job that names none. Source: appveyor.com/docs/build-environment. */
export const DEFAULT_IMAGE = 'Visual Studio 2015';

/** The system of an image by its name: `Ubuntu2204`, `Previous Ubuntu`, `macOS-Sonoma`; all others are Windows. Own images may be named anyhow. */
export function systemOf(image: string): System {
  if (/ubuntu|linux/i.test(image)) return 'linux';
  return /macos/i.test(image) ? 'macos' : 'windows';
}
