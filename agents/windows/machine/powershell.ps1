# powershell.ps1 COMMAND LEFT PROGRAM [LIBRARY]: runs the command of the file COMMAND and has the agent write to LEFT what the command leaves. ASCII only.
param([string] $TerrariumCommand, [string] $TerrariumLeft, [string] $TerrariumProgram, [string] $TerrariumLibrary)
# Nobody sees a progress bar here, and drawing it takes most of a download's time.
$ProgressPreference = 'SilentlyContinue'
# A text, not a script file: `exit` in it then ends this whole process, with its code.
try {
    $TerrariumBlock = [scriptblock]::Create([System.IO.File]::ReadAllText($TerrariumCommand))
}
catch {
    [Console]::Error.WriteLine($_.Exception.GetBaseException().Message)
    exit 1
}
# Within no `try`, not even one with `finally` alone: in it an error ends a script that goes on after it otherwise.
. $TerrariumBlock
if ($TerrariumLibrary) { & $TerrariumProgram $TerrariumLibrary state $TerrariumLeft ended }
else { & $TerrariumProgram state $TerrariumLeft ended }
