/** The plugins of this tree: id to module. The only file of the core that names a plugin. */
export const BUILT_IN: ReadonlyMap<string, () => Promise<unknown>> = new Map<string, () => Promise<unknown>>([
  ['ci-appveyor', () => import('../../../plugins/ci-appveyor/index.ts')],
  ['ci-python', () => import('../../../plugins/ci-python/index.ts')],
  ['ci-terrarium', () => import('../../../plugins/ci-terrarium/index.ts')],
  ['ci-travis', () => import('../../../plugins/ci-travis/index.ts')],
  ['notify-chat', () => import('../../../plugins/notify-chat/index.ts')],
  ['notify-email', () => import('../../../plugins/notify-email/index.ts')],
  ['notify-webhook', () => import('../../../plugins/notify-webhook/index.ts')],
  ['runner-libvirt', () => import('../../../plugins/runner-libvirt/index.ts')],
  ['runner-local', () => import('../../../plugins/runner-local/index.ts')],
  ['runner-qemu', () => import('../../../plugins/runner-qemu/index.ts')],
  ['runner-ssh', () => import('../../../plugins/runner-ssh/index.ts')],
  ['scm-bitbucket', () => import('../../../plugins/scm-bitbucket/index.ts')],
  ['scm-git', () => import('../../../plugins/scm-git/index.ts')],
  ['scm-hg', () => import('../../../plugins/scm-hg/index.ts')],
  ['scm-github', () => import('../../../plugins/scm-github/index.ts')],
]);
