# build-probe.ps1: compiles probe.cs beside this file to probe.exe, by the compiler that start.ps1 uses. ASCII only.
$ErrorActionPreference = 'Stop'
Add-Type -Path (Join-Path $PSScriptRoot 'probe.cs') -OutputAssembly (Join-Path $PSScriptRoot 'probe.exe') -OutputType ConsoleApplication -IgnoreWarnings
