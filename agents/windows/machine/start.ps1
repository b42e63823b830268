# start.ps1 [cancel]: compiles the agent beside this file, once, and hands over to it. It does no more: what the agent does is in the .cs files. ASCII only.
param([string] $Wish = 'start')
$ErrorActionPreference = 'Stop'
$folder = Split-Path -Parent $PSScriptRoot
$program = Join-Path $PSScriptRoot 'agent.exe'

# Of two starts at once one waits here until the other is through. The lock goes with its process.
function Open-Lock {
    for ($tries = 0; ; $tries++) {
        try { return [System.IO.File]::Open((Join-Path $PSScriptRoot 'compiling'), 'OpenOrCreate', 'ReadWrite', 'None') }
        catch [System.IO.IOException] {
            if ($tries -ge 1200) { throw }
            Start-Sleep -Milliseconds 100
        }
    }
}

# Under another name first: a compiler that was killed leaves half a file.
function Build-Agent {
    if (Test-Path -LiteralPath $program) { return }
    $new = Join-Path $PSScriptRoot 'new-agent.exe'
    $sources = @(Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.cs' | ForEach-Object { $_.FullName })
    Add-Type -Path $sources -OutputAssembly $new -OutputType ConsoleApplication -IgnoreWarnings
    Move-Item -LiteralPath $new -Destination $program
}

# For an SSH server whose job object lets nobody step out (before OpenSSH 7.6.1 of Windows): what WMI starts is the child of a service.
function Start-ByWmi {
    $startup = New-CimInstance -ClassName Win32_ProcessStartup -ClientOnly -Property @{ ShowWindow = [uint16] 0; CreateFlags = [uint32] 16 }
    $arguments = @{ CommandLine = '"' + $program + '" run ' + $folder; ProcessStartupInformation = [CimInstance] $startup }
    $result = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments $arguments
    if ($result.ReturnValue -ne 0) { throw "The agent cannot be detached: Win32_Process.Create returned $($result.ReturnValue)." }
    & $program started $folder
}

if ($Wish -eq 'cancel') {
    if (-not (Test-Path -LiteralPath $program)) { exit 0 }
    & $program cancel $folder
    exit $LASTEXITCODE
}
$lock = Open-Lock
try {
    Build-Agent
    & $program start $folder
    if ($LASTEXITCODE -eq 3) { Start-ByWmi }
    $code = $LASTEXITCODE
}
finally { $lock.Dispose() }
exit $code
