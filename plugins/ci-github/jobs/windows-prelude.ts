import { FIXED } from '../expand/environment.ts';

/** What `PRELUDE` is for Linux, for Windows PowerShell 5.1: every step is a command for it that runs the step's own shell as a process. */
export const WINDOWS_PRELUDE = `$global:GitHubNotes = @{}
$global:GitHubFailed = $false
$global:GitHubFolder = Join-Path $env:TEMP 'github-actions'
New-Item -ItemType Directory -Force -Path $GitHubFolder, $env:RUNNER_TEMP, $env:RUNNER_TOOL_CACHE | Out-Null
$env:GITHUB_ENV = Join-Path $GitHubFolder 'env'
$env:GITHUB_PATH = Join-Path $GitHubFolder 'path'
$env:GITHUB_OUTPUT = Join-Path $GitHubFolder 'output'
$env:GITHUB_STEP_SUMMARY = Join-Path $GitHubFolder 'summary'
$env:GITHUB_STATE = Join-Path $GitHubFolder 'state'

function global:Get-GitHubNote([string]$name) { [string]$global:GitHubNotes[$name] }

function global:Get-GitHubStatus { if ($global:GitHubFailed) { 'failure' } else { 'success' } }

function global:Test-GitHubText([string]$how, [string]$text, [string]$part) {
  $any = [StringComparison]::OrdinalIgnoreCase
  if ($how -eq 'contains') { return $text.IndexOf($part, $any) -ge 0 }
  if ($how -eq 'startswith') { return $text.StartsWith($part, $any) }
  return $text.EndsWith($part, $any)
}

# Calls the block with name and value for each NAME=VALUE, and for each NAME<<END with the lines up to END. False: something is neither.
function global:Read-GitHubFile([string]$file, [scriptblock]$use) {
  $lines = @([IO.File]::ReadAllLines($file))
  for ($at = 0; $at -lt $lines.Count; $at += 1) {
    $line = $lines[$at]
    if ($line -eq '') { continue }
    $equals = $line.IndexOf('=')
    $several = $line.IndexOf('<<')
    if ($several -gt 0 -and ($equals -lt 0 -or $several -lt $equals)) {
      $end = $line.Substring($several + 2)
      $value = @()
      for ($at += 1; $at -lt $lines.Count -and $lines[$at] -cne $end; $at += 1) { $value += $lines[$at] }
      if ($at -ge $lines.Count) { Write-Output "The value has no end: there is no line $end."; return $false }
      & $use $line.Substring(0, $several) ($value -join "\`n") | Out-Host
    } elseif ($equals -gt 0) {
      & $use $line.Substring(0, $equals) $line.Substring($equals + 1) | Out-Host
    } else {
      Write-Output "This is neither NAME=VALUE nor NAME<<END: $line"
      return $false
    }
  }
  return $true
}

function global:Set-GitHubVariable([string]$name, [string]$value) {
  if ($name -match '^(${[...FIXED, 'NODE_OPTIONS'].join('|')})$') { Write-Output "The variable $name is left out: it cannot be set." }
  else { [Environment]::SetEnvironmentVariable($name, $value) }
}

# Runs a step: its text as a file for its shell, in its folder, with its variables for it alone. Then obeys its files.
function global:Invoke-GitHubStep([string]$id, [string]$folder, [string]$text, [string]$ending, [string]$program, [string[]]$arguments, [hashtable]$variables, [bool]$continues) {
  foreach ($file in $env:GITHUB_ENV, $env:GITHUB_PATH, $env:GITHUB_OUTPUT, $env:GITHUB_STEP_SUMMARY, $env:GITHUB_STATE) { [IO.File]::WriteAllText($file, '') }
  $script = Join-Path $GitHubFolder ('step' + $ending)
  [IO.File]::WriteAllText($script, ($text -replace "\`r?\`n", "\`r\`n"), (New-Object Text.UTF8Encoding ($ending -eq '.ps1')))
  if ($program -eq 'bash') { [IO.File]::WriteAllText($script, ($text -replace "\`r\`n", "\`n")) }
  if ($program -eq 'pwsh' -and -not (Get-Command pwsh -ErrorAction SilentlyContinue)) { $program = 'powershell' }
  $before = @{}
  foreach ($name in $variables.Keys) {
    $before[$name] = [Environment]::GetEnvironmentVariable($name)
    [Environment]::SetEnvironmentVariable($name, $variables[$name])
  }
  Set-Location -LiteralPath $env:GITHUB_WORKSPACE
  if ($folder -ne '') { Set-Location -LiteralPath $folder }
  $global:LASTEXITCODE = 1
  & $program @($arguments | ForEach-Object { $_.Replace('{0}', $script) }) | Out-Host
  $code = $LASTEXITCODE
  foreach ($name in $before.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
  $isRight = Read-GitHubFile $env:GITHUB_ENV { param($name, $value) Set-GitHubVariable $name $value }
  $isKept = Read-GitHubFile $env:GITHUB_OUTPUT { param($name, $value) $global:GitHubNotes["outputs-$id-$name"] = $value }
  foreach ($line in [IO.File]::ReadAllLines($env:GITHUB_PATH)) { if ($line -ne '') { $env:PATH = "$line;$env:PATH" } }
  foreach ($said in @($isRight) + @($isKept)) { if ($said -is [string]) { Write-Output $said; $code = 1 } }
  $went = if ($code -eq 0) { 'success' } else { 'failure' }
  $global:GitHubNotes["went-$id-outcome"] = $went
  $global:GitHubNotes["went-$id-conclusion"] = if ($continues) { 'success' } else { $went }
  if ($code -ne 0) {
    if (-not $continues) { $global:GitHubFailed = $true }
    $host.SetShouldExit($code)
  }
}`;
