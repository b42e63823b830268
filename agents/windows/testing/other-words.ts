import type { AgentWords } from '../../api/testing/agent-room.ts';

/** The suite's commands as PowerShell runs them; `probe` is the probe's path. */
export function powershellWords(shell: 'powershell' | 'pwsh', probe: string): AgentWords {
  const call = `& '${probe}'`;
  return {
    shell,
    say: (word) => `Write-Output '${word}'`,
    fail: (code) => `exit ${code}`,
    set: (name, word) => `$env:${name} = '${word}'`,
    show: (name) => `${call} show ${name}`,
    cat: (name) => `${call} cat ${name}`,
    // Windows PowerShell itself changes quotes in arguments of programs.
    pass: () => null,
    goToRoot: String.raw`Set-Location C:\ `.trim(),
    sayFolder: '(Get-Location).Path',
    wait: `Write-Output 'ready'\n${call} wait`,
    flood: `${call} flood`,
    leave: `Start-Process -NoNewWindow -FilePath '${probe}' -ArgumentList drip\nWrite-Output 'left'`,
    expands: '%A% more',
  };
}

/** The suite's commands as the bash of Git for Windows runs them. */
export function bashWords(shell: 'sh' | 'bash', probe: string): AgentWords {
  const call = `'${probe.replaceAll('\\', '/')}'`;
  return {
    shell,
    say: (word) => `echo ${word}`,
    fail: (code) => `exit ${code}`,
    set: (name, word) => `export ${name}=${word}`,
    show: (name) => `MSYS2_ENV_CONV_EXCL='*' ${call} show ${name}`,
    cat: (name) => `MSYS2_ENV_CONV_EXCL='*' ${call} cat ${name}`,
    // MSYS takes some arguments for paths, and changes them.
    pass: () => null,
    goToRoot: 'cd /c',
    sayFolder: 'pwd -W',
    wait: `echo ready\n${call} wait`,
    flood: `${call} flood`,
    leave: `${call} drip &\necho left`,
    expands: '%A% more',
  };
}
