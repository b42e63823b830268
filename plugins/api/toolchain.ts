import { z } from 'zod';

/** A compiler that an image carries. */
export const Toolchain = z.object({
  name: z.literal('msvc'),
  /** Visual Studio's own: `9.0` is 2008, `14.0` is 2015, `16.11` a 2019. */
  version: z.string().regex(/^\d{1,3}(\.\d{1,5}){0,3}$/),
  /** As people call it: `Visual Studio 2015`. */
  product: z.string(),
  /** Absolute path of its folder inside a machine; nothing in it means something to cmd between quotes. */
  path: z.string().regex(/^[A-Za-z]:\\[^"%!\0-\x1f]*$/),
});
export type Toolchain = z.infer<typeof Toolchain>;

/** The compiler that a job wants: `msvc` is the one that its Python needs, `msvc 14.0` just that. */
export const CompilerName = z.string().regex(/^msvc( \d{1,3}(\.\d{1,5})?)?$/);
